"""The safety questions as data, and where each stands for one episode."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from stepwell import catalogue
from stepwell.clinic.accounts.models import Role, User
from stepwell.clinic.care.models import Answer, Episode, GateAnswer, GateClearance

NOBODY = "nobody"
DEPRESSANTS = ("alcohol_dependence", "benzodiazepine_dependence", "ghb_dependence")


@dataclass(frozen=True, slots=True)
class Gate:
    """One safety question: what it asks, what it stops, who clears it and what that needs.

    `effect` is `blocks` or `review`; `asked_of` is `person` or `team`; `shows_help` tells the
    person's screen to open Help at an answer that is not no.
    """

    name: str
    question: str
    team: str
    effect: str
    clearing_role: str
    clearing_needs: str
    asked_of: str
    shows_help: bool
    clinician_run: bool
    source: str
    awaiting_review: bool


@dataclass(frozen=True, slots=True)
class GateState:
    """Where one gate stands. `is_open` stops approval; a question without an answer is open.

    `cleared_by`, `cleared_at` and `reason` are of the clearance after the newest answer.
    """

    gate: Gate
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None
    cleared_by: str | None
    cleared_at: datetime | None
    reason: str | None
    answered_sequence: int

    @property
    def name(self) -> str:
        return self.gate.name

    @property
    def question(self) -> str:
        return self.gate.question

    @property
    def effect(self) -> str:
        return self.gate.effect

    @property
    def clearing_role(self) -> str:
        return self.gate.clearing_role

    @property
    def is_open(self) -> bool:
        return self.answer != Answer.NO and self.cleared_at is None

    @property
    def can_be_cleared(self) -> bool:
        """Answered, not with no, not cleared yet, and by somebody."""
        answered = self.answer is not None
        return answered and self.is_open and self.clearing_role != NOBODY


@cache
def catalogue_of_gates() -> tuple[Gate, ...]:
    """Every gate of data/gates.json, in the order in which they are asked."""
    fields = set(Gate.__dataclass_fields__) - {"name"}
    entries = catalogue.document("gates.json")["gates"]
    return tuple(
        Gate(name=name, **{field: entry[field] for field in fields})
        for name, entry in entries.items()
    )


def gate(name: str) -> Gate:
    """One gate by name; KeyError for a name that is not in the data."""
    return {gate.name: gate for gate in catalogue_of_gates()}[name]


def states(episode: Episode) -> list[GateState]:
    """Every gate and where it stands now."""
    answers = GateAnswer.objects.filter(episode=episode).select_related("by")
    clearances = GateClearance.objects.filter(episode=episode).select_related("by")
    return fold(answers, clearances)


def fold(answers: Iterable[GateAnswer], clearances: Iterable[GateClearance]) -> list[GateState]:
    """Where each gate stands after these answers and clearances, in the order they were given."""
    answered = {answer.gate: answer for answer in sorted(answers, key=_sequence)}
    cleared = {clearance.gate: clearance for clearance in sorted(clearances, key=_sequence)}
    return [
        _state(gate, answered.get(gate.name), cleared.get(gate.name))
        for gate in catalogue_of_gates()
    ]


def _sequence(row: GateAnswer | GateClearance) -> int:
    return row.sequence


def _state(gate: Gate, answer: GateAnswer | None, clearance: GateClearance | None) -> GateState:
    if answer is None or clearance is None or clearance.sequence < answer.sequence:
        clearance = None
    return GateState(
        gate=gate,
        answer=answer.answer if answer else None,
        answered_by=answer.by.display_name if answer else None,
        answered_at=answer.at if answer else None,
        cleared_by=clearance.by.display_name if clearance else None,
        cleared_at=clearance.at if clearance else None,
        reason=clearance.reason if clearance else None,
        answered_sequence=answer.sequence if answer else 0,
    )


def opened_since(found: Iterable[GateState], sequence: int) -> list[str]:
    """The gates that an answer after this point has opened and that nobody has cleared."""
    return sorted(s.name for s in found if s.is_open and s.answered_sequence > sequence)


def may_clear(user: User, name: str) -> bool:
    """Whether this user has the role that may clear this gate."""
    role = gate(name).clearing_role
    if role == NOBODY:
        return False
    return user.role == Role.PRESCRIBER if role == Role.PRESCRIBER else user.is_clinician
