"""The stairs: coordinates that a template can draw without deciding anything."""

from datetime import date

from stepwell.clinic import drawing
from stepwell.clinic.drawing import Rung


def stairs(*amounts: int, here: int | None = None) -> drawing.Staircase:
    rungs = [Rung(level, mg, 7) for level, mg in enumerate(amounts)]
    drawn = drawing.staircase(rungs, here=here)
    assert drawn is not None
    return drawn


def test_no_levels_are_no_drawing() -> None:
    assert drawing.staircase([]) is None


def test_each_lower_level_is_a_lower_stair() -> None:
    heights = [stair.height for stair in stairs(2650, 2350, 2100, 250).stairs]
    assert heights == sorted(heights, reverse=True)
    assert len(set(heights)) == 4


def test_the_stairs_fill_the_width_and_stand_on_the_floor() -> None:
    drawn = stairs(2650, 1200, 0)
    assert drawn.first.x == 0
    assert drawn.last.x + drawn.last.width == drawn.width
    assert all(stair.y + stair.height == drawn.floor for stair in drawn.stairs)


def test_a_level_of_nothing_can_still_be_seen() -> None:
    assert stairs(2650, 0).last.height == drawing.THINNEST


def test_what_lies_behind_here_and_ahead_is_told_apart() -> None:
    states = [stair.state for stair in stairs(2650, 2350, 2100, here=1).stairs]
    assert states == ["past", "here", "next"]


def test_the_flag_stands_on_the_stair_where_the_person_is() -> None:
    drawn = stairs(2650, 2350, 2100, 0, here=2)
    assert drawn.here is not None
    assert drawn.here.x < (drawn.flag_x or 0) < drawn.here.x + drawn.here.width
    assert drawn.flag_y == drawn.here.y


def test_the_words_beside_the_flag_stay_inside_the_drawing() -> None:
    plan = [2650, 2350, 2100, 1900, 1700, 0]
    anchors = [stairs(*plan, here=n).flag_anchor for n in (0, 2, 5)]
    assert anchors == ["start", "middle", "end"]


def test_a_plan_nobody_is_on_has_no_flag() -> None:
    drawn = stairs(2650, 0)
    assert drawn.here is None
    assert drawn.flag_x is None


def test_fewer_using_days_are_a_lower_stair_at_the_same_amount() -> None:
    drawn = drawing.staircase([Rung(0, 500, 7), Rung(1, 500, 5, starts=date(2026, 12, 1))])
    assert drawn is not None
    assert drawn.last.height < drawn.first.height
