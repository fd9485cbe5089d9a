"""Stored questions with the answers the engine gave: one compressed file, one object a line."""

import json
import lzma
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from stepwell.engine import wire

FILE = Path(__file__).parent / "decisions.jsonl.xz"
ASKED: Mapping[str, Callable[..., Any]] = {
    "decide": wire.decide,
    "plan": wire.plan,
    "replay": wire.replay,
    "outlook": wire.outlook,
}
_HEX_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Version:
    """The engine and protocols that answered, and how many stored answers they changed."""

    engine: str
    protocols: Mapping[str, str]
    changed: int = 0


@dataclass(frozen=True, slots=True)
class Stored:
    """One line: what was asked, of which document, the answer, and its bytes' fingerprint."""

    asks: str
    given: Mapping[str, Any]
    answer: Any
    bytes: str


def answered(asks: str, given: Mapping[str, Any], protocols: wire.Protocols) -> Stored:
    """Ask the engine that is here. Raises what the engine raises."""
    answer = ASKED[asks](given, protocols)
    return Stored(asks, given, answer, fingerprint(answer))


def fingerprint(answer: Any) -> str:
    """The beginning of the SHA-256 of an answer's canonical bytes."""
    return sha256(wire.dumps(answer).encode()).hexdigest()[:_HEX_DIGITS]


def lines(path: Path = FILE, most: int | None = None) -> Iterator[bytes]:
    """The stored questions as they stand in the file, without the header."""
    with lzma.open(path) as file:
        yield from islice(file, 1, None if most is None else most + 1)


def read(line: bytes) -> Stored:
    return Stored(**json.loads(line))


def versions(path: Path = FILE) -> list[Version]:
    """Every version the file was written under, the newest last."""
    with lzma.open(path) as file:
        header = json.loads(file.readline())
    return [Version(**one) for one in header["versions"]]


def write(stored: Iterable[Stored], written_under: list[Version], path: Path = FILE) -> None:
    """Write the file anew, in one go."""
    header = {"title": "Stored decisions", "versions": [asdict(one) for one in written_under]}
    found = b"".join(_line(one) for one in [header, *map(asdict, stored)])
    path.write_bytes(lzma.compress(found, preset=9 | lzma.PRESET_EXTREME))


def _line(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
