"""One line of `make prove`: what was measured, what was wanted, and whether it was reached."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """A name, what was measured and the target, both as text, and whether it is met."""

    name: str
    measured: str
    target: str
    met: bool

    def __str__(self) -> str:
        return f"{self.name}: {self.measured} (target {self.target}) {self._verdict}"

    @property
    def _verdict(self) -> str:
        return "met" if self.met else "short"
