"""The bench times what it says it times, and a target that is missed is short."""

import gc
from collections.abc import Callable

import pytest

from bench import engine, lives, peers, timing
from bench.peers import Asked
from bench.timing import Timed
from stepwell.engine import decide, planner, wire


@pytest.fixture(autouse=True)
def _no_garbage_of_others() -> None:
    """The bench collects before each run; here nothing older is looked through every time."""
    gc.freeze()


@pytest.fixture
def taking(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let every piece of work take so many seconds, without waiting."""

    def taken(seconds: float) -> None:
        once = Timed(seconds, seconds, seconds)
        monkeypatch.setattr(timing, "timed", lambda work: (work(), once)[1])

    return taken


@pytest.mark.slow
def test_targets_that_are_met_exit_0_and_missed_ones_exit_1(
    taking: Callable[[float], None], capsys: pytest.CaptureFixture[str]
) -> None:
    for seconds, left, verdict in ((1e-4, 0, "met"), (1.0, 1, "short")):
        taking(seconds)
        assert engine.main() == left
        lines = capsys.readouterr().out.splitlines()
        measured = [line.split()[-1] for line in lines if "(target" in line]
        assert measured == [verdict] * 4


def test_the_middle_of_the_runs_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "_LEAST_SECONDS", 0.001)
    once = timing.timed(lambda: sum(range(1000)))
    assert 0 < once.fastest <= once.middle <= once.slowest
    assert Timed(0.5, 0.25, 1.0).rate(100) == "200 (100 to 400 in 9 runs)"


def test_a_year_is_a_year_with_every_step_taken_or_with_all_that_life_brings() -> None:
    calm, uneven = (
        wire.read_case(year, lives.PROTOCOLS) for year in (lives.calm_year(), lives.uneven_year())
    )
    assert decide.recommend(calm).level == 1 + 364 // 14
    assert sum(event.kind == "check_in" for event in calm.events) == 365
    assert {answer.offer for _, answer in decide.replay(uneven)} == {
        *("stay", "step", "hold", "step_back")
    }


def test_the_plans_are_of_every_shape_and_with_every_kind_of_pace() -> None:
    requests = lives.requests()
    assert {request.shape for request in requests} == set(planner.Shape)
    for pace in ("percent", "steps", "end_by"):
        assert any(getattr(request, pace) is not None for request in requests)
    refused = [isinstance(decide.draft(request), tuple) for request in requests]
    assert 0 < sum(refused) < len(refused) / 4


def test_the_other_planners_formulas_give_what_was_seen_of_them() -> None:
    first, _ = peers.meditrax(Asked("equal_occupancy", 300, 0, steps=8))[0]
    assert round(1 - first / 300, 2) == 0.42  # the first step that the evidence names
    assert [mg for mg, _ in peers.meditrax(Asked("linear", 300, 0, steps=3))] == [200, 100, 0]
    power = [mg for mg, _ in peers.meditrax(Asked("proportional", 400, 0, steps=3))]
    assert power == [89.4427, 20, 0]
    tablets = peers.pielab(Asked("proportional", 400, 100, percent=25, unit_mg=50))
    assert [mg for mg, _ in tablets] == [300, 200, 150, 100]
