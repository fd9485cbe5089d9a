"""Files that are either whole and on the disk, or not there."""

import os
from hashlib import sha256
from pathlib import Path

_PART = 1024 * 1024


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    found = sha256()
    with path.open("rb") as file:
        while part := file.read(_PART):
            found.update(part)
    return found.hexdigest()


def draft_of(path: Path) -> Path:
    """Where a file is written before it takes its place; left over only by a kill."""
    return path.with_name(f".{path.name}.draft-{os.getpid()}")


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, written to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def put(draft: Path, place: Path) -> None:
    """Give a finished draft its name. FileExistsError where something has it already."""
    sync(draft)
    os.link(draft, place)
    draft.unlink()
    sync(place.parent)
