"""Whether a service runs from a home: a restore under one would lose what it is told meanwhile."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stepwell.clinic.hosting.manifest import Unusable

LOCK = "running.lock"


@contextmanager
def serving(home: Path) -> Iterator[None]:
    """Held for as long as a service runs; the system lets it go however that ends."""
    with _held(home, fcntl.LOCK_SH):
        yield


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Held while a database is put in the place of another. Raises Unusable."""
    with _held(home, fcntl.LOCK_EX):
        yield


@contextmanager
def _held(home: Path, how: int) -> Iterator[None]:
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(home / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Unusable(f"a service or a restore runs from {home}: stop it first") from None
    finally:
        os.close(descriptor)
