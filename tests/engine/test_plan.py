"""A plan as a value: what it leaves to the person, and what lies between two of its amounts."""

from datetime import datetime
from typing import Any

import pytest

from stepwell.engine.events import Act, Kind, Organ
from stepwell.engine.plan import Level, Plan, Supply
from tests.engine.cases import PRESCRIBER, PROTOCOL, day


def plan(unit: int = 50, **changes: Any) -> Plan:
    levels = (Level(500), Level(0))
    return Plan(1, levels, PROTOCOL, 7, unit, usual_score=2, goal_mg=0, **changes)


def test_a_plan_leaves_hold_and_step_to_the_person_unless_it_says_otherwise() -> None:
    assert plan().person_may == {"hold", "step"}
    assert not plan().prescribed
    assert plan(supply=Supply.PRESCRIBED).prescribed


@pytest.mark.parametrize(
    ("above", "below", "unit", "between"),
    [
        (500, 400, 50, 450),
        (500, 300, 50, 400),
        (500, 350, 50, 400),  # half-way is 425: rounded down
        (210, 110, 100, 200),  # half-way is 160, and 100 is too low: rounded up
        (500, 450, 50, None),
        (510, 470, 50, 500),
        (490, 460, 50, None),
        (3, 0, 1, 1),
    ],
)
def test_the_amount_between_two_is_half_way_and_can_be_measured(
    above: int, below: int, unit: int, between: int | None
) -> None:
    assert plan(unit).between_mg(above, below) == between
    assert plan(unit, supply=Supply.PRESCRIBED).between_mg(above, below) is None


def test_a_finding_is_not_worse_unless_it_says_so() -> None:
    told = datetime.fromisoformat("2026-12-01T10:00:00Z")
    common: dict[str, Any] = {"on": day(1), "recorded_on": day(1), "recorded": told}
    found = Act(id="a", kind=Kind.FINDING, by=PRESCRIBER, organ=Organ.LIVER, **common)
    assert not found.worse
