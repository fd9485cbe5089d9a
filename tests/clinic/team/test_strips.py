"""The picture of the days: silence is not zero, a range is not an amount, nothing is guessed."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from stepwell.clinic.team import strips

FIRST = date(2026, 12, 1)


@dataclass(frozen=True)
class Told:
    on: date = FIRST
    status: str = "used"
    low_mg: int | None = 1000
    high_mg: int | None = 1000
    score: float | None = 3.0
    flags: tuple[str, ...] = ()
    ceiling_mg: int | None = 2000


def column(day: Told) -> strips.Column:
    return strips.draw([day]).columns[0]


def test_a_missing_day_has_no_bar_and_no_score() -> None:
    drawn = column(Told(status="missing", low_mg=None, high_mg=None, score=None))
    assert (drawn.sure_y, drawn.range_y, drawn.score_y) == (None, None, None)


def test_a_day_without_use_is_not_a_bar_of_zero_height() -> None:
    assert column(Told(status="none", low_mg=0, high_mg=0)).sure_y is None


def test_use_without_an_amount_is_not_drawn_as_an_amount() -> None:
    assert column(Told(status="unsure", low_mg=None, high_mg=None)).sure_y is None


def test_an_exact_amount_has_no_range_on_it() -> None:
    assert column(Told()).range_y is None


def test_a_range_stands_on_what_is_sure() -> None:
    drawn = column(Told(low_mg=1000, high_mg=2000))
    assert drawn.range_y is not None
    assert drawn.sure_y is not None
    assert drawn.range_y < drawn.sure_y
    assert drawn.range_height == pytest.approx(drawn.sure_y - drawn.range_y)


def test_the_score_is_drawn_upwards_from_fine_to_worst() -> None:
    fine, worst = column(Told(score=0.0)), column(Told(score=10.0))
    assert fine.score_y == strips.Strip.score_floor
    assert worst.score_y == strips.Strip.score_top


def test_the_ceiling_is_broken_where_none_was_in_force() -> None:
    days = [Told(), Told(ceiling_mg=None), Told(ceiling_mg=1500)]
    assert strips.draw(days).ceiling.count("M") == 2
    assert strips.draw([Told(ceiling_mg=None)]).ceiling == ""


def test_no_line_is_drawn_across_a_day_without_a_score() -> None:
    assert len(strips.draw([Told(), Told(), Told()]).scores) == 2
    assert strips.draw([Told(), Told(score=None), Told()]).scores == ()


def test_nothing_is_drawn_outside_the_picture() -> None:
    days = [Told(on=FIRST + timedelta(days=n), high_mg=700 * n + 1000) for n in range(28)]
    drawn = strips.draw(days)
    for one in drawn.columns:
        assert strips.LEFT <= one.x <= drawn.width
        assert one.range_y is None or strips.Strip.top <= one.range_y <= strips.Strip.amount_floor
    assert drawn.columns[-1].labelled


@pytest.mark.parametrize("top", [0, 1, 99, 100, 950, 2650, 14000, 30000])
def test_the_axis_ends_at_or_above_the_highest_amount(top: int) -> None:
    drawn = strips.draw([Told(low_mg=top, high_mg=top, ceiling_mg=None)])
    assert drawn.amount_ticks[-1].y == strips.Strip.top
    assert drawn.columns[0].sure_y is not None
    assert drawn.columns[0].sure_y >= strips.Strip.top
