"""The trail as chains: a line that was changed, taken out or put in between shows.

Each episode has a chain, so that nobody waits for somebody else's line, and each service has one
for the rest. A digest is the SHA-256 of the digest before it and the line, so that the last stands
for all. From time to time the ends of the episodes' chains are written into the service's, which so
stands for those too. Whoever can write to the database could still make whole new chains: a digest
of a service's chain that was written down elsewhere, with its number, shows that as well.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from stepwell.clinic.audit.models import Chain, Entry

NO_SERVICE = UUID(int=0)
BEGINNING = "0" * 64
SEAL = "audit.seal"
IN_A_SEAL = 500  # so many ends in one line

Ends = dict[UUID, tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One chain as it was found: its length, its last digest, and the first broken link, if any."""

    chain_id: UUID
    length: int
    digest: str
    broken: str | None
    of_an_episode: bool = False


def add(line: Entry) -> Entry:
    """Keep a new line at the end of its chain, inside the transaction of its act."""
    line.chain_id = line.episode_id or line.service_id or NO_SERVICE
    end = _end(line)
    line.number, line.digest = end.number + 1, digest(end.digest, end.number + 1, fields(line))
    line.save()
    end.number, end.digest = line.number, line.digest
    end.save(update_fields=["number", "digest"])
    return line


def _end(line: Entry) -> Chain:
    held = Chain.objects.select_for_update()
    if (end := held.filter(pk=line.chain_id).first()) is None:
        of = line.service_id if line.episode_id else None
        begun = {"digest": BEGINNING, "episode_of": of}
        Chain.objects.get_or_create(pk=line.chain_id, defaults=begun)
        end = held.get(pk=line.chain_id)
    return end


def seal(at: datetime) -> int:
    """Write into each service's chain how far its episodes' chains reach; how many went on."""
    gone_on = Chain.objects.exclude(episode_of=None).filter(number__gt=F("sealed"))
    services = set(gone_on.values_list("episode_of", flat=True))
    return sum(_seal(service_id, at) for service_id in services if service_id)


def _seal(service_id: UUID, at: datetime) -> int:
    ids = Chain.objects.filter(episode_of=service_id, number__gt=F("sealed")).order_by("pk")
    listed = list(ids.values_list("pk", flat=True))
    for n in range(0, len(listed), IN_A_SEAL):
        with transaction.atomic():
            _seal_these(service_id, listed[n : n + IN_A_SEAL], at)
    return len(listed)


def _seal_these(service_id: UUID, ids: list[UUID], at: datetime) -> None:
    """Without holding them: a chain that goes on meanwhile is sealed where it was read."""
    ends = Chain.objects.in_bulk(ids)
    told = {str(pk): f"{end.number}:{end.digest}" for pk, end in ends.items()}
    line = Entry(action=SEAL, at=at, service_id=service_id, actor_name="Stepwell", detail=told)
    line.actor_role = "program"
    add(line)
    for pk, end in ends.items():
        Chain.objects.filter(pk=pk).update(sealed=end.number)


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
    """Each chain from its first line to its end: those of services first, then the episodes'."""
    ends = {end.pk: end for end in Chain.objects.all()}
    begun = set(Entry.objects.order_by().values_list("chain_id", flat=True).distinct())
    sealed: Ends = {}
    of_episodes = {pk for pk, end in ends.items() if end.episode_of}
    for chain_id in sorted((begun | set(ends)) - of_episodes):
        yield _verified(chain_id, ends.get(chain_id), sealed)
    for chain_id in sorted(of_episodes | set(sealed)):
        yield _of_an_episode(chain_id, ends.get(chain_id), sealed)


def _of_an_episode(chain_id: UUID, end: Chain | None, sealed: Ends) -> Verdict:
    found = replace(_verified(chain_id, end, {}), of_an_episode=True)
    promised = sealed.get(chain_id)
    if found.broken or promised is None or has(chain_id, *promised):
        return found
    return replace(found, broken=f"line {promised[0]} is not the one that was sealed")


def _verified(chain_id: UUID, end: Chain | None, sealed: Ends) -> Verdict:
    """One chain; what its seals say of others is put into `sealed`, the latest of each."""
    number, before = 0, BEGINNING
    for line in Entry.objects.filter(chain_id=chain_id).order_by("number").iterator():
        if line.number != number + 1:
            return Verdict(chain_id, number, before, f"line {number + 1} is missing")
        if line.digest != digest(before, line.number, fields(line)):
            return Verdict(chain_id, number, before, f"line {number + 1} is not as it was written")
        number, before = line.number, line.digest
        if line.action == SEAL:
            sealed.update(_read(line.detail))
    return Verdict(chain_id, number, before, _at_its_end(number, before, end))


def _read(told: Mapping[str, str]) -> Ends:
    parted = {chain_id: end.partition(":") for chain_id, end in told.items()}
    return {UUID(chain_id): (int(number), last) for chain_id, (number, _, last) in parted.items()}


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
