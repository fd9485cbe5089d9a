"""The lines of a service as a chain: a line that was changed, taken out or put in between shows.

Each digest is the SHA-256 of the digest before it and the line, so that the last stands for all.
Whoever can write to the database could still make a whole new chain: a digest that was written
down elsewhere, with its number, shows that too.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from stepwell.clinic.audit.models import Chain, Entry

NO_SERVICE = UUID(int=0)
BEGINNING = "0" * 64


@dataclass(frozen=True, slots=True)
class Verdict:
    """One chain as it was found: its length, its last digest, and the first broken link, if any."""

    chain_id: UUID
    length: int
    digest: str
    broken: str | None


def add(line: Entry) -> Entry:
    """Keep a new line at the end of its chain, inside the transaction of its act."""
    line.chain_id = line.service_id or NO_SERVICE
    end = _end(line.chain_id)
    line.number, line.digest = end.number + 1, digest(end.digest, end.number + 1, fields(line))
    line.save()
    end.number, end.digest = line.number, line.digest
    end.save()
    return line


def _end(chain_id: UUID) -> Chain:
    held = Chain.objects.select_for_update()
    if (end := held.filter(pk=chain_id).first()) is None:
        Chain.objects.get_or_create(pk=chain_id, defaults={"digest": BEGINNING})
        end = held.get(pk=chain_id)
    return end


def digest(before: str, number: int, told: Mapping[str, Any]) -> str:
    """Of a line behind the digest before it, in hexadecimal."""
    line = json.dumps({**told, "number": number}, sort_keys=True, ensure_ascii=False, default=str)
    return sha256(f"{before}\n{line}".encode()).hexdigest()


def fields(line: Entry) -> dict[str, Any]:
    """What a digest covers, as text that both databases give back alike."""
    at = line.at if isinstance(line.at, datetime) else datetime.fromisoformat(line.at)
    return {
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "service_id": _text(line.service_id),
        "actor_id": _text(line.actor_id),
        "actor_name": line.actor_name,
        "actor_role": str(line.actor_role),
        "action": str(line.action),
        "episode_id": _text(line.episode_id),
        "subject": str(line.subject),
        "detail": json.loads(json.dumps(line.detail, default=str)),
    }


def _text(pk: Any) -> str | None:
    return None if pk is None else str(UUID(str(pk)))


# --- verifying ----------------------------------------------------------------------------------


def verify() -> Iterator[Verdict]:
    """Each chain from its first line to its end."""
    ends = {end.pk: end for end in Chain.objects.all()}
    begun = set(Entry.objects.order_by().values_list("chain_id", flat=True).distinct())
    for chain_id in sorted(begun | set(ends)):
        yield _verified(chain_id, ends.get(chain_id))


def _verified(chain_id: UUID, end: Chain | None) -> Verdict:
    number, before = 0, BEGINNING
    for line in Entry.objects.filter(chain_id=chain_id).order_by("number").iterator():
        if line.number != number + 1:
            return Verdict(chain_id, number, before, f"line {number + 1} is missing")
        if line.digest != digest(before, line.number, fields(line)):
            return Verdict(chain_id, number, before, f"line {number + 1} is not as it was written")
        number, before = line.number, line.digest
    return Verdict(chain_id, number, before, _at_its_end(number, before, end))


def _at_its_end(number: int, last: str, end: Chain | None) -> str | None:
    if end is None:
        return "where it ends is not kept any more"
    if end.number > number:
        return f"line {number + 1} is missing"
    return None if (end.number, end.digest) == (number, last) else "it goes on behind its end"


def has(chain_id: UUID, number: int, kept: str) -> bool:
    """Whether the chain still has this digest at this number, as it was written down elsewhere."""
    return Entry.objects.filter(chain_id=chain_id, number=number, digest=kept).exists()


def rebuild(entries: Any, chains: Any) -> None:
    """Number and digest lines from before there was a chain; for a migration alone."""
    ends: dict[UUID, tuple[int, str]] = {}
    for line in entries.order_by("id").iterator():
        chain_id = line.service_id or NO_SERVICE
        number, before = ends.get(chain_id, (0, BEGINNING))
        made = digest(before, number + 1, fields(line))
        entries.filter(pk=line.pk).update(chain_id=chain_id, number=number + 1, digest=made)
        ends[chain_id] = number + 1, made
    for chain_id, (number, last) in ends.items():
        chains.create(id=chain_id, number=number, digest=last)
