"""Histories for the property tests: every kind of day and act, told at once or late."""

from collections.abc import Callable
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.engine.cases import CALM, PRESCRIBER, Document, act, answers, case, check_in

BEST = answers(0)

# What a day may tell. None is silence; the rest changes the calm day of `check_in`.
DAYS: dict[str, Document | None] = {
    "silent": None,
    "calm": {},
    "best": {"answers": BEST, "amount_mg": 0},
    "none used": {"used": False, "amount_mg": None},
    "middling": {"answers": answers(4)},
    "high": {"answers": answers(7)},
    "severe": {"answers": answers(9)},
    "severe and none used": {"answers": answers(9), "used": False, "amount_mg": None},
    "sharp": {"answers": {**CALM, "craving": 8}},
    "over": {"amount_mg": 6000},
    "unsure": {"amount_mg": [0, 6000]},
    "amount not known": {"amount_mg": None},
    "often": {"times": 9},
    "use not said": {"used": None, "amount_mg": None},
    "core only": {"answers": dict(list(CALM.items())[:4])},
    "no craving": {"answers": dict(list(CALM.items())[1:])},
    "too few answers": {"answers": dict(list(CALM.items())[:3])},
    "not asked about safety": {"safety": None},
    "declined": {"safety": "declined"},
    "thoughts": {"safety": "thoughts"},
    "red flag": {"flags": ["blood_in_urine"]},
    "routine flag": {"flags": ["cramps"]},
}
ACTS: dict[str, Document | None] = {
    "nothing": None,
    "step": {"kind": "step"},
    "step back": {"kind": "step_back"},
    "hold": {"kind": "hold"},
    "hold two days": {"kind": "hold", "days": 2},
    "end hold": {"kind": "hold", "days": 0},
    "talk": {"kind": "talk"},
    "resume by the person": {"kind": "resume"},
    "step by a clinician": {"kind": "step", "by": PRESCRIBER},
    "step back by a clinician": {"kind": "step_back", "by": PRESCRIBER},
    "hold by a clinician": {"kind": "hold", "days": 3, "by": PRESCRIBER},
    "freeze": {"kind": "freeze", "by": PRESCRIBER},
    "resume": {"kind": "resume", "by": PRESCRIBER},
    "reviewed": {"kind": "reviewed", "by": PRESCRIBER},
    "baseline": {"kind": "set_level", "level": 0, "by": PRESCRIBER},
    "level two": {"kind": "set_level", "level": 2, "by": PRESCRIBER},
    "worse bladder": {"kind": "finding", "organ": "bladder", "worse": True, "by": PRESCRIBER},
    "close": {"kind": "close", "by": PRESCRIBER},
}
TO_NONE = (2650, 2350, 2100, 1900, 0)
PLANS: list[Document] = [
    {"days_per_level": 3},
    {"days_per_level": 2, "levels_mg": (2650, 2350, 2100)},
    {"days_per_level": 2, "levels_mg": (2200, 2150, 2100, 0)},
    {"days_per_level": 3, "supply": "prescribed"},
    {"days_per_level": 2, "usual_score": 6, "person_may": ["hold", "step"]},
    {"days_per_level": 3, "levels": [{"ceiling_mg": mg, "times_per_day": 6} for mg in TO_NONE]},
    {"days_per_level": 2, "approved": {"by": "Dr Osei", "on": "2026-12-03"}},
    {"days_per_level": 2, "review_by": "2026-12-12"},
    {},
]
WEEKEND: Document = {
    "days_per_level": 3,
    "levels": [{"ceiling_mg": mg, "days_per_week": 2} for mg in (3000, 2600, 2200, 1800)],
}

_OFTEN_DAYS = ["calm"] * 20 + ["severe"] * 10 + ["silent", "best", "none used", "high"] * 3
_OFTEN_ACTS = ["nothing"] * 5 + ["step"] * 30 + ["step back"] * 15


class Told(NamedTuple):
    """One day of a history: its kind, how many days late it is told, and the day's act."""

    day: str
    late: int = 0
    act: str = "nothing"


EVERY_DAY = ("nothing", "step", "step back", "step by a clinician", "step back by a clinician")


def stretches(
    kinds: list[str] | None = None, acts: list[str] | None = None, longest: int = 7
) -> SearchStrategy[list[Told]]:
    """Some days of one kind: steps are tried every day, any other act is taken on the first."""

    def stretch(kind: str, act: str, late: int, length: int) -> list[Told]:
        after = act if act in EVERY_DAY else "step"
        return [Told(kind, late, act), *[Told(kind, late, after)] * (length - 1)]

    return st.builds(
        stretch,
        st.sampled_from(_OFTEN_DAYS + list(DAYS) if kinds is None else kinds),
        st.sampled_from(_OFTEN_ACTS + list(ACTS) if acts is None else acts),
        st.sampled_from((0, 0, 0, 0, 1, 4)),
        st.integers(1, longest),
    )


def histories(fewest: int = 2, most: int = 6, **of: Any) -> SearchStrategy[list[Told]]:
    """Between `fewest` and `most` stretches of days, one after the other."""
    return st.lists(stretches(**of), min_size=fewest, max_size=most).map(
        lambda found: [day for stretch in found for day in stretch]
    )


def plans(*more: Document) -> SearchStrategy[Document]:
    return st.sampled_from([*PLANS, *more])


def events(told: list[Told], first: int = 1) -> list[Document]:
    """What a history told, from the plan's day `first` on; nothing is told after its last day."""
    last = first + len(told) - 1
    found = []
    for number, one in enumerate(told, first):
        if (changes := DAYS[one.day]) is not None and number + one.late <= last:
            found.append(check_in(number, number + one.late, f"20:{number % 60:02}", **changes))
        if (taken := ACTS[one.act]) is not None:
            found.append(act(on=number, at="21:00", **taken))
    return found


def told_case(told: list[Told], plan: Document, first: int = 1) -> Document:
    return case(first + len(told) - 1, events(told, first), **plan)


# --- the two budgets --------------------------------------------------------------------------

QUICK = settings(max_examples=25, deadline=None, derandomize=True, database=None)
THOROUGH = settings(max_examples=300, deadline=None, database=None)
ALWAYS: dict[str, Callable[[], None]] = {}


def always(*drawn: SearchStrategy[Any], **named: SearchStrategy[Any]) -> Any:
    """A property, checked on few histories at once; `ALWAYS` has it with the large budget."""

    def decorate(check: Callable[..., None]) -> Callable[[], None]:
        ALWAYS[check.__name__] = THOROUGH(given(*drawn, **named)(check))
        return QUICK(given(*drawn, **named)(check))

    return decorate
