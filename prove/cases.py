"""Random whole cases as documents: a plan, weeks of days and acts, and the day that is asked about.

Days come in stretches of one mood, so that silences, distress, lapses and steps back are reached.
Random requests for a plan, too. Nothing here knows the rules; the same dice give the same case.
What is drawn fits the contract and can be true.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import cycle
from random import Random
from typing import Any, TypeVar

from stepwell.engine.events import Organ
from stepwell.engine.plan import Supply
from stepwell.engine.planner import Shape
from stepwell.engine.protocol import CORE_ITEMS, ITEMS, Protocol

Document = dict[str, Any]
Answers = dict[str, int | None]
Picked = TypeVar("Picked")

LONGEST = 120
_FIRST = date(2026, 12, 1)
_PRESCRIBER = "clinician:Dr Osei"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Mood:
    """How the days of a stretch are: scores about `score`, how much is used, what is told."""

    often: int
    score: int | None = 2
    use: str = "within"
    longest: int = 9
    late: bool = False
    safety: str | None = "no"
    told: str = "all"
    flags: str = ""


MOODS: Mapping[str, Mood] = {
    "calm": Mood(24),
    "calm for long": Mood(8, longest=45),
    "best": Mood(4, 0, "nothing"),
    "told late": Mood(4, late=True),
    "middling": Mood(4, 4),
    "high": Mood(4, 7),
    "severe": Mood(12, 9, longest=7),
    "severe and none used": Mood(2, 9, "none"),
    "none used": Mood(6, 2, "none", longest=7),
    "silent": Mood(4, None, longest=5),
    "silent for long": Mood(2, None, longest=20),
    "over": Mood(4, 3, "over"),
    "often": Mood(2, 2, "often"),
    "unsure": Mood(3, 3, "unsure", longest=18),
    "amount not known": Mood(2, 3, "unknown"),
    "use not said": Mood(2, 2, "unsaid"),
    "safety not answered": Mood(3, 2, safety=None, longest=12),
    "declined": Mood(2, 2, safety="declined"),
    "thoughts": Mood(1, 6, safety="thoughts", longest=2),
    "a plan": Mood(1, 9, safety="plan", longest=1),
    "few answers": Mood(3, 2, told="few"),
    "core left out": Mood(2, 2, told="some"),
    "sharp": Mood(3, 2, told="sharp"),
    "red flag": Mood(2, 4, flags="red", longest=1),
    "routine flag": Mood(2, 3, flags="routine", longest=5),
}
# Moods that follow each other, over and over; an empty course is any mood after any other.
COURSES: Mapping[tuple[str, ...], int] = {
    (): 70,
    ("calm for long",): 12,
    ("calm", "severe"): 22,
    ("calm", "silent for long"): 3,
    ("unsure",): 3,
}
# What the person tries on most days of a stretch.
HABITS: Mapping[str, int] = {"step": 60, "step_back": 25, "nothing": 10, "hold": 3, "talk": 2}
BY_CLINICIAN: Mapping[str, int] = {
    "resume": 12,
    "reviewed": 12,
    "set_level": 4,
    "step": 3,
    "step_back": 4,
    "hold": 3,
    "freeze": 2,
    "finding": 4,
    "talk": 1,
    "close": 1,
}


def drawn(chance: Random, protocol: Protocol) -> Document:
    """One random case under a protocol."""
    plan = _plan(chance, protocol)
    return _Life(chance, protocol, plan).lived()


def _picked(chance: Random, weights: Mapping[Picked, int]) -> Picked:
    return chance.choices(list(weights), list(weights.values()))[0]


def request(chance: Random) -> Document:
    """One random request for a plan, accepted or not."""
    amount = chance.choice((400, 1000, 2650, 2650, 5000, 10_050, 30_000))
    shape = chance.choice(list(Shape)).value
    return {
        "start": str(_FIRST + _DAY * chance.randint(0, 400)),
        "baseline": {"amount_mg": amount, **dict(_levers(chance, "", 7))},
        "shape": shape,
        **dict(_goals(chance, amount)),
        **dict(_pace(chance, amount, shape)),
    }


def _levers(chance: Random, before: str, most: int) -> Iterator[tuple[str, int]]:
    if chance.random() < 0.5:
        yield f"{before}times_per_day", chance.randint(1, most + 3)
    if chance.random() < 0.5:
        yield f"{before}days_per_week", chance.randint(1, most)


def _goals(chance: Random, amount: int) -> Iterator[tuple[str, Any]]:
    if chance.random() < 0.5:
        yield "goal_mg", chance.choice((0, 0, 100, 250, amount // 100 * 50, amount))
    if chance.random() < 0.2:
        yield from _levers(chance, "goal_", 5)
    if chance.random() < 0.2:
        yield "supply", chance.choice(list(Supply)).value


def _pace(chance: Random, amount: int, shape: str) -> Iterator[tuple[str, Any]]:
    paces = {
        "percent": chance.choice((1, 5, 10, 20, 25, 30, 50)),
        "steps": chance.choice((1, 2, 5, 12, 40)),
        "end_by": str(_FIRST + _DAY * chance.choice((0, 40, 100, 300, 900))),
    }
    yield from chance.sample(sorted(paces.items()), chance.choice((0, 0, 1, 1, 1, 2)))
    if shape == Shape.CUSTOM:
        yield "levels_mg", sorted((amount * n // 100 * 10 for n in (9, 7, 5, 2, 0)), reverse=True)
    for name, most in {"days_per_level": 14, "smallest_unit_mg": 100, "jump_off_mg": 500}.items():
        if chance.random() < 0.3:
            yield name, chance.randint(1, most) if most < 100 else chance.choice((10, 50, most))
    if chance.random() < 0.3:
        yield "authorised", {"by": "Dr Osei", "reason": "agreed with Rowan"}


# --- plans ------------------------------------------------------------------------------------


def _plan(chance: Random, protocol: Protocol) -> Document:
    levels = list(_levels(chance))
    return {
        "levels": levels,
        "days_per_level": chance.choice((1, 2, 2, 3, 3, 4, 5, 7, 7, 14)),
        "person_may": chance.choice([["hold", "step", "step_back"]] * 6 + [["hold", "step"], []]),
        **dict(_dates(chance)),
        **dict(_seldom(chance, protocol, levels)),
    }


def _levels(chance: Random) -> Iterator[Document]:
    """Amounts that fall to none or to some amount; some with limits on times and days."""
    mg, share = chance.choice((400, 1000, 2650, 2650, 5000, 12_000)), chance.choice((75, 90, 95))
    limits = {"times_per_day": chance.choice((0, 0, 6)), "days_per_week": chance.choice(_USING)}
    limits = {name: most for name, most in limits.items() if most}
    for number in range(chance.choice((1, 2, 2, 3, 4, 4, 6, 9))):
        longer = {"days": chance.choice((2, 5))} if number and chance.random() < 0.1 else {}
        yield {"ceiling_mg": mg, **limits, **longer}
        mg = mg * share // 100
    yield {"ceiling_mg": chance.choice((0, 0, mg)), **limits}


_USING = (0, 0, 0, 0, 2, 5, 7)


def _dates(chance: Random) -> Iterator[tuple[str, Any]]:
    if chance.random() > 0.01:
        yield "start", str(_FIRST + _DAY * chance.choice((0, 0, 0, 0, 1, 4)))
    if chance.random() > 0.02:
        on = _FIRST - _DAY * chance.choice((0, 1, 1, 1, 9, -2))
        usual = chance.sample(ITEMS, 2) if chance.random() < 0.1 else []
        yield "approved", {"by": "Dr Osei", "on": str(on), "usual_items": usual}
    if chance.random() < 0.1:
        yield "review_by", str(_FIRST + _DAY * chance.randint(5, LONGEST))


def _seldom(chance: Random, protocol: Protocol, levels: list[Document]) -> Iterator[Any]:
    if chance.random() < 0.15:
        yield "supply", "prescribed"
    if chance.random() < 0.3:
        yield "usual_score", chance.choice((0, 3, 5, 6, 8))
    if chance.random() < 0.3:
        yield "smallest_unit_mg", chance.choice((1, 10, 25, 125))
    if chance.random() < 0.05:
        yield "gates", chance.sample(sorted({*protocol.gates, *protocol.flags}), 2)
    if chance.random() < 0.2:
        yield "goal_mg", levels[-1]["ceiling_mg"]
        yield "version", chance.randint(1, 9)


# --- what was told and done -------------------------------------------------------------------


class _Life:
    """The days of one case, told and acted on in stretches."""

    def __init__(self, chance: Random, protocol: Protocol, plan: Document) -> None:
        self.chance, self.plan = chance, plan
        self.flags = {
            kind: sorted(f for f in protocol.flags if protocol.freezes(f) is (kind == "red"))
            for kind in ("red", "routine")
        }
        course: tuple[str, ...] = _picked(chance, COURSES)
        self.course = cycle(course)
        self.clinician_acts_once_in = chance.choice((4, 12, 50))
        self.said: Answers | None = None
        self.events: list[Document] = []
        self.day = _FIRST - _DAY * chance.choice((0, 0, 0, 3))
        self.last = _FIRST + _DAY * (chance.choice(_LENGTHS) + chance.randint(0, 9))

    def lived(self) -> Document:
        while self.day <= self.last:
            name = next(self.course, None) or _picked(self.chance, _OFTEN_MOODS)
            self._stretch(MOODS[name], _picked(self.chance, HABITS))
        return {"plan": self.plan, "events": self._arrived(), "today": str(self.last)}

    def _stretch(self, mood: Mood, habit: str) -> None:
        flags = [self.chance.choice(self.flags[mood.flags])] if mood.flags else []
        self.said = None
        for _ in range(self.chance.randint(1, mood.longest)):
            if self.day > self.last:
                return
            if mood.score is not None:
                self._tell(mood, flags)
            self._act(habit)
            self.day += _DAY

    def _tell(self, mood: Mood, flags: list[str]) -> None:
        late = self.chance.choice((1, 1, 3, 6)) if mood.late else 0
        told_on = min(self.day + _DAY * late, self.last)
        more = {"safety": mood.safety, "flags": flags}
        told = {"answers": self._answers(mood), **self._use(mood.use)}
        told |= {name: value for name, value in more.items() if value or self._once_in(20)}
        self._record("check_in", "person", told_on, **told)
        if self._once_in(40):  # told again, and otherwise
            self.said = None
            told["answers"] = self._answers(mood)
            self._record("check_in", "person", told_on, **told)

    def _answers(self, mood: Mood) -> Answers:
        """A score near the mood's for each item that is told; many days are like the last."""
        if self.said is None or self._once_in(3):
            self.said = {item: self._near(mood.score or 0) for item in ITEMS}
        said = dict(self.said)
        return said if mood.told == "all" else self._in_part(said)[mood.told]

    def _near(self, score: int) -> int:
        return max(0, min(10, score + self.chance.choice((-1, 0, 0, 1))))

    def _in_part(self, said: Answers) -> dict[str, Answers]:
        left = self.chance.sample(ITEMS, 3)
        sharp = self.chance.choice(CORE_ITEMS)
        return {
            "few": {item: said[item] for item in left},
            "some": {item: None if item == sharp else said[item] for item in ITEMS},
            "sharp": {**said, sharp: self.chance.choice((7, 8, 10))},
        }

    def _use(self, use: str) -> Document:
        """What is told of use, in amounts near the levels of the plan."""
        if use == "within" and self._has_a_day_off():
            use = "none"
        amounts = [level["ceiling_mg"] for level in self.plan["levels"]]
        within = min(mg for mg in amounts if mg) * self.chance.randint(0, 4) // 4
        over = self.chance.randint(amounts[0] + 1, amounts[0] * 2)
        uses: dict[str, Document] = {
            "within": {"used": True, "amount_mg": within, "times": self.chance.randint(1, 3)},
            "nothing": {"used": True, "amount_mg": 0},
            "none": {"used": False},
            "over": {"used": True, "amount_mg": [over, over + 100]},
            "often": {"used": True, "amount_mg": within, "times": 9},
            "unsure": {"used": True, "amount_mg": [0, over]},
            "unknown": {"used": True, "amount_mg": None},
            "unsaid": {"used": None},
        }
        return uses[use]

    def _has_a_day_off(self) -> bool:
        using_days: int = self.plan["levels"][0].get("days_per_week", 7)
        return self.day.weekday() >= using_days

    # --- acts and arrival ---------------------------------------------------------------------

    def _act(self, habit: str) -> None:
        if habit != "nothing" and not self._once_in(4):
            days = {"days": self.chance.choice((0, 1, 3))} if habit == "hold" else {}
            self._record(habit, "person", self.day, **days)
        if self._once_in(self.clinician_acts_once_in):
            kind = _picked(self.chance, BY_CLINICIAN)
            by = "person" if self._once_in(20) else _PRESCRIBER
            self._record(kind, by, self.day, **self._details(kind))

    def _details(self, kind: str) -> Document:
        if kind == "set_level":
            return {"level": self.chance.randrange(len(self.plan["levels"]))}
        if kind == "finding":
            organ = self.chance.choice(list(Organ)).value
            return {"organ": organ, "worse": self.chance.random() < 0.7}
        return {"days": self.chance.randint(1, 4)} if kind == "hold" and self._once_in(2) else {}

    def _record(self, kind: str, by: str, told_on: date, **more: Any) -> None:
        told = {"recorded_on": str(told_on)} if told_on != self.day or self._once_in(9) else {}
        self.events.append(
            {
                "id": f"e{len(self.events)}",
                "kind": kind,
                "on": str(self.day),
                **told,
                "recorded": self._instant(told_on, len(self.events)),
                "by": by,
                **more,
            }
        )

    def _instant(self, on: date, number: int) -> str:
        """Later than the one before; here and there the same, or written in another zone."""
        minute = number * 10 // self.chance.choice((1, 1, 1, 10)) % 1080
        at = datetime.combine(on, time(6), UTC) + timedelta(minutes=minute)
        hours = self.chance.choice((0, 0, 0, 0, 0, -8, 13))
        return at.astimezone(timezone(timedelta(hours=hours))).isoformat()

    def _arrived(self) -> list[Document]:
        """The events as they came in: here and there shuffled, and some of them twice."""
        again = self.chance.sample(self.events, len(self.events) // 9) if self._once_in(5) else []
        arrived = [*self.events, *again]
        if self._once_in(4):
            self.chance.shuffle(arrived)
        return arrived

    def _once_in(self, number: int) -> bool:
        return self.chance.randrange(number) == 0


_OFTEN_MOODS = {name: mood.often for name, mood in MOODS.items()}
_LENGTHS = (-3, 0, 0, 3, 5, 5, 8, 8, 8, 10, 10, 10, 14, 14, 14, 18, 18, 20, 25, 30, 110)
