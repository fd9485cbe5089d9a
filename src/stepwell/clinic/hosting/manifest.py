"""What stands beside a backup: what it holds, so that it can be checked before it is needed."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any

from stepwell.clinic.hosting import files

FORMAT = 1
A_FEW = 20  # ends of chains that are listed one by one


class Unusable(Exception):
    """This is no backup that can be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a database holds: rows of each table, applied migrations, the end of each chain."""

    rows: Mapping[str, int]
    migrations: tuple[str, ...]
    chains: Mapping[str, str]  # NUMBER:DIGEST by the chain's id


@dataclass(frozen=True, slots=True)
class Manifest:
    """`ends` lists NUMBER:DIGEST where there are few chains; `chains_sha256` is over all."""

    format: int
    version: str
    made_at: str
    vendor: str
    sha256: str
    bytes: int
    migrations: tuple[str, ...]
    rows: Mapping[str, int]
    chains: int
    chains_sha256: str
    ends: Mapping[str, str]

    @property
    def made(self) -> datetime:
        return datetime.fromisoformat(self.made_at)


def of(file: Path, vendor: str, found: Found, at: datetime) -> Manifest:
    """The manifest of a finished backup file."""
    return Manifest(
        format=FORMAT,
        version=metadata.version("stepwell"),
        made_at=at.isoformat(),
        vendor=vendor,
        sha256=files.digest(file),
        bytes=file.stat().st_size,
        migrations=found.migrations,
        rows=found.rows,
        chains=len(found.chains),
        chains_sha256=over_all(found.chains),
        ends=found.chains if len(found.chains) <= A_FEW else {},
    )


def over_all(chains: Mapping[str, str]) -> str:
    """One digest over the ends of all chains, in the order of their ids."""
    lines = "\n".join(f"{chain_id} {chains[chain_id]}" for chain_id in sorted(chains))
    return sha256(lines.encode()).hexdigest()


def beside(file: Path) -> Path:
    """Where the manifest of a backup stands."""
    return file.with_name(f"{file.name}.manifest.json")


def write(manifest: Manifest, place: Path) -> None:
    """Put it in its place, whole. FileExistsError where there is one."""
    draft = files.draft_of(place)
    draft.write_text(json.dumps(asdict(manifest), indent=1, sort_keys=True), encoding="utf-8")
    draft.chmod(0o600)
    files.put(draft, place)


def read(file: Path) -> Manifest:
    """The manifest beside a backup. Raises Unusable."""
    place = beside(file)
    try:
        told: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
        if told["format"] != FORMAT:
            raise Unusable(f"{place.name} has a format that this version does not know")
        return Manifest(**{**told, "migrations": tuple(told["migrations"])})
    except FileNotFoundError:
        raise Unusable(f"{place.name} is missing: the file cannot be held against it") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unusable(f"{place.name} cannot be read: {error}") from error
