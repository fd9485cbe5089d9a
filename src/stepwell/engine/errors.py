"""Every exception the engine raises.

    StepwellError
      InputError      what came in does not fit; `.faults` names each place
        ProtocolError the protocol data itself is malformed

Clinical trouble is never an exception: it is a recommendation to freeze.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not fit: where (a path such as `events[3].answers.sleep`) and why."""

    path: str
    text: str


class StepwellError(Exception):
    """The root of the tree."""


class InputError(StepwellError):
    """Input that cannot be true or does not fit; carries every fault, never only the first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(f"{fault.path or '(all)'}: {fault.text}" for fault in faults))

    @classmethod
    def at(cls, path: str, text: str) -> "InputError":
        return cls([Fault(path, text)])

    def under(self, path: str) -> "InputError":
        """The same faults, seen from outside of the part they were found in."""
        return InputError([Fault(f"{path}.{one.path}", one.text) for one in self.faults])


class ProtocolError(InputError):
    """A protocol that must not be used: the program stops at start and names the place."""
