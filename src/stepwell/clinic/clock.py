"""The only clock. Tests and the rehearsed demo put another source behind it; no request can."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import available_timezones


def _system() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system


def now() -> datetime:
    """This instant, aware, in UTC."""
    return _source()


@cache
def time_zones() -> frozenset[str]:
    """The name of every time zone; the folders they lie in are read through once."""
    return frozenset(available_timezones())


@dataclass(slots=True)
class Stopped:
    """A clock that stands still until it is moved."""

    instant: datetime

    def move_to(self, instant: datetime) -> None:
        self.instant = _aware(instant)

    def advance(self, **by: float) -> None:
        """Move on by what `timedelta` takes: `advance(days=1)`, `advance(hours=5)`."""
        self.instant += timedelta(**by)


@contextmanager
def stopped(at: datetime) -> Iterator[Stopped]:
    """Stop this process's clock at an aware instant, for the length of the block."""
    global _source  # noqa: PLW0603
    before, hands = _source, Stopped(_aware(at))
    _source = lambda: hands.instant  # noqa: E731
    try:
        yield hands
    finally:
        _source = before


def follow(path: Path) -> None:
    """From now on read the instant from this file, written as 2026-12-01T09:00:00+00:00.

    Only `stepwell serve --test-clock` asks for it, and `wsgi` refuses it where real people are.
    """
    global _source  # noqa: PLW0603
    _source = lambda: _read(path)  # noqa: E731
    now()


def _read(path: Path) -> datetime:
    return _aware(datetime.fromisoformat(path.read_text(encoding="ascii").strip()))


def _aware(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise ValueError(f"{instant} has no time zone; write it as 2026-12-01T09:00:00+00:00")
    return instant.astimezone(UTC)
