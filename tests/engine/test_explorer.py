"""Every reachable state of small plans: nothing breaks, and with a control off the check fails."""

import pytest

from prove import explorer, faults
from prove.explorer import TASKS, Task
from prove.faults import FAULTS, Fault
from prove.measures import Measure
from prove.worlds import ACTS, DAYS

SMALL = [task for task in TASKS if task.size <= 4_000]
SOON = [fault for fault in FAULTS if fault.name[0] in "1248"]


def short(measures: list[Measure]) -> list[str]:
    return [str(measure) for measure in measures if not measure.met]


@pytest.mark.parametrize("task", SMALL, ids=[task.world.name for task in SMALL])
def test_nothing_breaks_in_a_small_world_walked_to_its_end(task: Task) -> None:
    walked = explorer.walk(task)
    assert walked.broken == {}
    assert walked.ended
    assert walked.states > 1_000
    assert walked.compared > 100


@pytest.mark.slow
def test_nothing_breaks_in_the_larger_worlds() -> None:
    assert short(explorer.run(0.0025)) == []


def test_every_kind_of_day_and_act_is_in_some_world() -> None:
    days = {day for task in TASKS for day in task.world.days}
    acts = {act for task in TASKS for act in task.world.acts}
    assert set(DAYS) - days <= {"best", "high", "too hard, none"}
    assert set(ACTS) == acts


def test_a_world_that_is_not_walked_to_its_end_is_short() -> None:
    task = max(TASKS, key=lambda one: one.size)
    walked = explorer.walk(Task(task.world, 100))
    assert not walked.ended
    assert any("nothing new appears" in line for line in short(explorer.measures([walked])))


# The control is off


@pytest.mark.parametrize("fault", SOON, ids=[fault.name for fault in SOON])
def test_without_a_control_the_walk_finds_the_breach(fault: Fault) -> None:
    assert fault.is_caught()


def test_a_breach_turns_the_measure_short() -> None:
    fault = FAULTS[1]
    with fault.off():
        walked = explorer.walk(Task(fault.world, 500), fault.breaks)
    assert any("breaches of" in line for line in short(explorer.measures([walked])))


@pytest.mark.slow
def test_every_control_that_is_off_is_seen_and_breaks_nothing_while_on() -> None:
    assert faults.missed(FAULTS) == []
    assert len(FAULTS) >= 20
