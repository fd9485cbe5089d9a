"""A theorem: what is claimed of the engine in words and as a function, and what must refute it.

The claim calls the engine's own functions on the values it is given, and says whether what it
claims came out; `assume` leaves out values that are not meant. The same text is proved, tried and
broken by `prove.ladders`. The theorems stand in `theorems_of_steps` and `theorems_of_days`.
"""

import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from textwrap import dedent
from types import ModuleType
from typing import Any
from unittest.mock import patch

from prove.values import Values


@dataclass(frozen=True, slots=True)
class Fault:
    """A change to one function of the engine: what stands in it, and what is put there."""

    home: Any
    function: str
    stands: str
    instead: str

    @contextmanager
    def planted(self) -> Iterator[None]:
        """While this lasts, the engine has the fault."""
        with patch.object(self.home, self.function, self._changed()):
            yield

    def _changed(self) -> Any:
        text = self._source()
        module = sys.modules[getattr(self.home, "__module__", self.home.__name__)]
        made: dict[str, Any] = {}
        exec(text.replace(self.stands, self.instead), vars(module), made)  # noqa: S102
        return made[self.function]

    @property
    def fits(self) -> bool:
        """Whether what it changes stands in the engine, once."""
        return self._source().count(self.stands) == 1

    def _source(self) -> str:
        return dedent(inspect.getsource(getattr(self.home, self.function)))

    def __str__(self) -> str:
        return f"{self.home.__name__}.{self.function}: {self.stands!r} → {self.instead!r}"


Claim = Callable[[Values], bool]


@dataclass(frozen=True, slots=True)
class Theorem:
    """A claim, in words and as a function, and the faults under which it must not hold."""

    name: str
    says: str
    claim: Claim
    faults: tuple[Fault, ...]


def unless(*faults: Fault) -> Callable[[Claim], Theorem]:
    """Make a theorem of a claim that does not hold under any of these faults."""

    def made(claim: Claim) -> Theorem:
        return Theorem(claim.__name__, (claim.__doc__ or "").strip(), claim, faults)

    return made


def of(*modules: ModuleType) -> dict[str, Theorem]:
    """The theorems of these modules, by their names."""
    every = [one for module in modules for one in vars(module).values()]
    return {one.name: one for one in every if isinstance(one, Theorem)}
