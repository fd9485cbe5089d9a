"""Reads the data that ships with the program and hands values in; the engine never opens a file."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from stepwell.engine import protocol
from stepwell.engine.errors import Fault, ProtocolError
from stepwell.engine.protocol import Protocol

_DATA = files("stepwell") / "data"


def document(*parts: str) -> Any:
    """The JSON file at `data/PARTS`; raises ProtocolError with its name if unreadable."""
    return _read(_DATA.joinpath(*parts), "/".join(parts))


def names(folder: str) -> list[str]:
    """The names, without their ending, of the JSON files in `data/FOLDER`, sorted."""
    listed = (entry.name for entry in _DATA.joinpath(folder).iterdir())
    return sorted(name.removesuffix(".json") for name in listed if name.endswith(".json"))


@cache
def protocols() -> Mapping[str, Protocol]:
    """Every protocol by name. Raises ProtocolError with the path of every fault."""
    bounds = document("protocols", "bounds.json")["bounds"]
    loaded = [_load(f"{name}.json", bounds) for name in names("protocols") if name != "bounds"]
    return {one.name: one for one in loaded}


def _load(name: str, bounds: Mapping[str, Any]) -> Protocol:
    try:
        return protocol.read(document("protocols", name), bounds)
    except ProtocolError as error:
        raise ProtocolError(
            [Fault(f"protocols/{name}: {f.path}", f.text) for f in error.faults]
        ) from error


def _read(place: Traversable, name: str) -> Any:
    try:
        return json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ProtocolError.at(name, f"cannot be read: {error}") from error
