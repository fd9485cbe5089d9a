"""The fold: what was told late, twice, corrected, or in another time zone."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from stepwell.engine import history
from stepwell.engine.case import Case
from stepwell.engine.errors import InputError
from stepwell.engine.snapshot import Snapshot
from tests.engine.cases import (
    PROTOCOL,
    Document,
    act,
    answers,
    ask_on,
    by_prescriber,
    calm,
    case,
    check_in,
    day,
    none_used,
    read,
    replay,
    spoke,
)

MAY: Document = {"person_may": ["hold", "step", "step_back"]}


def scores(told: tuple[Fraction, ...]) -> list[float]:
    return [float(score) for score in told]


def facts(today: int, events: list[Document], **changes: Any) -> Snapshot:
    told = read(case(today, events, **changes))
    return history.look(told.plan, told.events, told.today).snapshot


# --- late, twice, corrected -------------------------------------------------------------------


def test_a_late_answer_changes_today_and_the_days_served_since() -> None:
    severe = [check_in(n, 8, answers=answers(9)) for n in (5, 6)]
    told = [*calm(1, 4), check_in(7), *severe]
    assert facts(8, told[:5]).served == 7
    assert facts(8, told).served == 5  # day 6 and 7 turned out to be held


def test_an_act_is_judged_on_what_was_known_before_it() -> None:
    step, late = act("step", 8), check_in(7, 9, answers=answers(9))
    assert ask_on(9, [*calm(1, 8), step, late])["level"] == 2
    earlier = check_in(7, 8, at="20:30", answers=answers(9))
    assert ask_on(9, [*calm(1, 8), step, earlier])["level"] == 1


def test_the_target_of_a_step_stays_whatever_is_told_later() -> None:
    high = [check_in(n, 11, answers=answers(7)) for n in (3, 4)]
    told = [*calm(1, 2), *calm(5, 8), act("step", 8), *calm(9, 11)]
    assert ask_on(11, told)["ceiling_mg"] == 2100
    assert ask_on(11, [*told, *high])["ceiling_mg"] == 2100  # no half step after the fact


def test_events_told_late_are_not_taken_on_the_day_they_are_about() -> None:
    told = facts(
        5,
        [
            *calm(1, 5),
            {**act("hold", 2), "recorded_on": str(day(5)), "recorded": f"{day(5)}T21:00:00Z"},
        ],
    )
    assert (told.held, told.hold is not None) == (0, True)


def test_the_last_of_several_check_ins_for_one_day_counts_and_ties_go_by_id() -> None:
    same_instant = [
        check_in(1, id="b", answers=answers(9)),
        check_in(1, id="a", answers=answers(1)),
    ]
    for told in (same_instant, same_instant[::-1]):
        assert scores(facts(1, told).last_scores) == [9]


def test_flags_of_several_check_ins_for_one_day_add_up() -> None:
    told = [check_in(1, flags=["cramps"]), check_in(1, at="21:00", flags=["nosebleeds"])]
    assert {flag.name for flag in facts(1, told).flags} == {"cramps", "nosebleeds"}


def test_a_flag_told_again_keeps_its_first_day() -> None:
    told = [check_in(1, flags=["cramps"]), check_in(2), check_in(3, flags=["cramps"])]
    assert [flag.since for flag in facts(3, told).flags] == [day(1)]


def test_a_day_recorded_earlier_by_travel_counts_from_the_day_already_reached() -> None:
    told = [act("hold", 5, "06:00"), {**act("talk", 4, "06:30"), "recorded": f"{day(5)}T07:00:00Z"}]
    assert facts(5, told).asked_to_talk == day(5)


def test_an_event_before_the_plan_is_history() -> None:
    before = facts(2, [none_used(-3), none_used(-2), check_in(-1), *calm(1, 2)])
    assert (before.free_days, before.served) == (0, 1)
    run = facts(1, [none_used(-1), none_used(0), none_used(1)])
    assert run.free_days == 3


def test_a_check_in_about_a_day_long_before_the_start_is_read() -> None:
    told = facts(1, [check_in(-40, 1, answers=answers(8)), check_in(1, answers=answers(8))])
    assert scores(told.last_scores) == [8, 8]
    assert scores(told.scores_running) == [8]


# --- days -------------------------------------------------------------------------------------


def test_windows_end_today_only_once_today_is_told() -> None:
    assert facts(8, calm(1, 7)).answered_days == 7
    assert facts(8, calm(1, 8)).answered_days == 7
    assert facts(9, calm(1, 7)).answered_days == 6


def test_a_day_with_use_not_said_neither_makes_nor_ends_a_ketamine_free_run() -> None:
    unsaid = check_in(3, used=None, amount_mg=None)
    assert facts(4, [none_used(2), unsaid, none_used(4)]).free_days == 3


def test_ending_a_lapse_starts_the_ketamine_free_count_anew_but_not_the_run() -> None:
    told = facts(6, [*(none_used(n) for n in range(1, 7)), by_prescriber("reviewed", 4)])
    assert (told.free_days, told.free_days_since_act) == (6, 2)


@pytest.mark.parametrize("kind", ["resume", "reviewed", "set_level"])
def test_a_clinicians_act_before_a_lapse_or_a_pause_puts_neither_off(kind: str) -> None:
    acted = {**by_prescriber(kind, 2), **({"level": 1} if kind == "set_level" else {})}
    free = [none_used(n) for n in (1, 2, 3)]
    assert ask_on(3, [*free, acted])["ceiling_mg"] is None
    assert ask_on(16, [check_in(1), acted])["ceiling_mg"] is None


@pytest.mark.parametrize("used", [True, None])
def test_an_amount_is_judged_also_where_use_was_not_said(used: bool | None) -> None:
    assert facts(1, [check_in(1, used=used, amount_mg=[2400, 2500])]).over_days == 1
    assert facts(1, [check_in(1, used=used, amount_mg=[2300, 2500])]).unsure_days == 1
    assert facts(1, [check_in(1, used=used, amount_mg=2350)]).over_days == 0


def test_using_days_are_counted_from_the_first_day_on_the_level() -> None:
    levels = [{"ceiling_mg": 2650, "days_per_week": days} for days in (7, 5, 4)]
    told = [*calm(1, 5), none_used(6), none_used(7), act("step", 8), *calm(8, 11)]
    assert facts(11, told, levels=levels).over_days == 0
    assert facts(12, [*told, check_in(12)], levels=levels).over_days == 1


def test_times_that_were_not_told_are_not_over() -> None:
    levels = [{"ceiling_mg": mg, "times_per_day": 4} for mg in (2650, 2350)]
    assert facts(1, [check_in(1, times=None)], levels=levels).over_days == 0
    assert facts(1, [check_in(1, times=5)], levels=levels).over_days == 1


def test_used_at_a_ceiling_of_none_is_over() -> None:
    at_the_goal = [by_prescriber("set_level", 1, level=4)]
    assert facts(1, [check_in(1, at="23:00"), *at_the_goal]).over_days == 1


def test_severe_days_with_a_gap_are_not_running() -> None:
    told = [check_in(1, answers=answers(9)), check_in(3, answers=answers(9))]
    assert scores(facts(3, told).scores_running) == [9]


# --- acts -------------------------------------------------------------------------------------


def test_the_hold_that_ends_last_stands() -> None:
    told = [act("hold", 1, days=2), by_prescriber("hold", 1, days=5)]
    hold = facts(1, told).hold
    assert hold is not None
    assert (hold.by, hold.until) == ("clinician:Dr Osei", day(6))


def test_an_open_ended_hold_outlasts_every_other() -> None:
    told = [act("hold", 1), by_prescriber("hold", 1, days=300)]
    hold = facts(1, told).hold
    assert hold is not None
    assert hold.until is None


def test_a_colleague_ends_the_hold_of_the_care_team() -> None:
    told = [by_prescriber("hold", 1), act("hold", 2, by="clinician:Sam", days=0)]
    assert facts(2, told).hold is None


def test_a_new_hold_replaces_ones_own() -> None:
    told = [act("hold", 1, days=20), act("hold", 2, days=1)]
    assert facts(3, told).hold is None


def test_resume_clears_what_was_told_and_reviewed_clears_what_was_due() -> None:
    told = [
        check_in(1, flags=["cramps", "fainting"]),
        by_prescriber("finding", 1, organ="weight", worse=True),
        by_prescriber("freeze", 1, "22:30"),
    ]
    resumed = facts(2, [*told, by_prescriber("resume", 2)])
    assert (resumed.flags, resumed.frozen_since, len(resumed.worse)) == ((), None, 1)
    reviewed = facts(2, [*told, by_prescriber("reviewed", 2)])
    assert [flag.name for flag in reviewed.flags] == ["fainting"]
    assert (reviewed.worse, reviewed.frozen_since) == ((), day(1))


def test_a_second_freeze_keeps_the_first_day() -> None:
    told = [by_prescriber("freeze", 1), by_prescriber("freeze", 3)]
    assert facts(3, told).frozen_since == day(1)


def test_an_organ_found_worse_twice_is_named_once() -> None:
    found = [by_prescriber("finding", n, organ="liver", worse=True) for n in (1, 2)]
    assert len(facts(2, found).worse) == 1


def test_nothing_is_served_or_held_before_the_start() -> None:
    before = facts(0, [check_in(-1), act("hold", 0)])
    assert (before.served, before.held, before.held_running) == (0, 0, 0)
    assert (before.step_backs, before.step_backs_reviewed) == (0, 0)


def test_what_was_not_open_before_the_start_is_forgotten_at_the_start() -> None:
    assert facts(0, [act("step", 0)]).ignored == ("step 0 0 21:00",)
    assert facts(1, [act("step", 0)]).ignored == ()


def test_a_level_set_by_a_clinician_starts_everything_anew() -> None:
    told = [*(check_in(n, answers=answers(9)) for n in range(1, 6)), act("step_back", 5)]
    steadying = facts(5, told)
    assert (steadying.steadying_until, steadying.days_since_step) == (day(8), None)
    ignored = [*told, act("step", 6, "20:30"), by_prescriber("set_level", 6, level=2)]
    here = facts(6, ignored)
    assert (here.level, here.ignored, here.steadying_until) == (2, (), None)
    assert (here.served, here.held, here.held_running) == (0, 0, 0)


def test_a_reviewed_plan_counts_its_held_days_from_nothing() -> None:
    held = [act("hold", 1), *calm(1, 5)]
    assert (facts(5, held).held, facts(5, held).held_running) == (4, 4)
    reviewed = facts(5, [*held, by_prescriber("reviewed", 5)])
    assert (reviewed.held, reviewed.held_running) == (0, 4)


def test_routine_flags_are_counted_anew_after_a_review() -> None:
    told = [check_in(n, flags=["cramps"]) for n in (1, 2, 3)]
    assert facts(3, told).repeated_flags == ("cramps",)
    seen = [*told, by_prescriber("reviewed", 3), check_in(4, flags=["cramps"])]
    assert facts(4, seen).repeated_flags == ()
    assert facts(5, [*seen, check_in(5, flags=["cramps"])]).repeated_flags == ("cramps",)


@pytest.mark.parametrize("kind", ["resume", "reviewed"])
def test_a_clinician_who_looks_answers_the_request_to_talk(kind: str) -> None:
    told = [act("talk", 1), by_prescriber(kind, 2)]
    assert (facts(1, told[:1]).asked_to_talk, facts(2, told).asked_to_talk) == (day(1), None)


def test_after_a_step_back_no_level_is_left_to_go_back_to() -> None:
    told = [*(check_in(n, answers=answers(9)) for n in range(1, 6)), act("step_back", 5)]
    whole = read(case(5, told))
    place = history.look(whole.plan, whole.events, whole.today).place
    assert (place.rung.level, place.left, place.stepped_on) == (0, None, None)


def test_a_person_never_sets_a_level_whatever_the_approval_says() -> None:
    whole = read(case(2, [act("set_level", 2, level=2)]))
    plan = replace(whole.plan, person_may=frozenset({"set_level"}))
    looked = history.look(plan, whole.events, whole.today).snapshot
    assert (looked.level, looked.ignored) == (1, ("set_level 2 2 21:00",))


def test_ignored_acts_are_named_until_the_level_changes() -> None:
    told = [act("step", 2), *calm(1, 8)]
    assert facts(8, told).ignored == ("step 2 2 21:00",)
    assert facts(8, [*told, act("step", 8)]).ignored == ()


def test_somebody_who_is_neither_named_counts_as_the_person() -> None:
    plan = read(case(8, calm(1, 8), supply="prescribed"))
    step = read(case(8, [act("step", 8)])).events[0]
    stranger = type(step)(**{n: getattr(step, n) for n in _fields(step)} | {"by": "somebody"})
    looked = history.look(plan.plan, [*plan.events, stranger], plan.today)
    assert looked.snapshot.level == 1


def _fields(event: Any) -> list[str]:
    return list(type(event).__dataclass_fields__)


def test_nothing_moves_in_a_plan_that_was_closed_before_its_start() -> None:
    told = replay(case(3, [act("talk", -2), by_prescriber("close", -1), *calm(1, 3)]))
    assert {answer["level"] for answer in told.values()} == {0}
    assert told[str(day(3))]["offer"] == "finish"


def test_a_step_back_from_an_amount_put_between_returns_to_the_level_just_left() -> None:
    halved = [*calm(1, 2), *(check_in(n, answers=answers(7)) for n in (3, 4)), *calm(5, 9)]
    steps = [*halved, check_in(10, at="10:00"), act("step", 10), *calm(11, 12)]
    back = [check_in(n, answers=answers(9)) for n in (13, 14, 15, 16)]
    answer = ask_on(16, [*steps, *back, act("step_back", 16)], **MAY)
    assert (answer["level"], answer.get("between"), answer["ceiling_mg"]) == (1, None, 2350)
    again = [*steps, *back, act("step_back", 16), *calm(17, 26), act("step", 26)]
    assert ask_on(26, again, **MAY)["ceiling_mg"] == 2250  # half-way to the 2,200 left


# --- what stands ------------------------------------------------------------------------------


def test_a_pause_told_of_in_the_morning_stands_in_the_evening() -> None:
    told = replay(case(17, [check_in(1), check_in(16, at="09:00"), check_in(17)]))
    assert [told[str(day(n))]["ceiling_mg"] for n in (15, 16, 17)] == [2350, None, None]


def test_a_lapse_stands_through_a_correction_on_the_same_day() -> None:
    wrong, right = none_used(4), check_in(4, at="20:05")
    answer = ask_on(4, [check_in(1), none_used(2), none_used(3), wrong, right])
    assert answer["ceiling_mg"] is None
    assert spoke(answer)[0] == "review_when_tolerance_has_fallen"


@pytest.mark.parametrize("kind", ["resume", "reviewed", "set_level"])
def test_a_clinicians_act_ends_a_lapse_and_a_pause(kind: str) -> None:
    ends = {**by_prescriber(kind, 16), **({"level": 1} if kind == "set_level" else {})}
    assert ask_on(16, [check_in(1), ends])["ceiling_mg"] == 2350
    assert ask_on(16, [check_in(1)])["ceiling_mg"] is None
    lapsed = [none_used(n) for n in range(1, 5)]
    lifted = {
        **ends,
        "on": str(day(4)),
        "recorded_on": str(day(4)),
        "recorded": f"{day(4)}T23:00:00Z",
    }
    assert ask_on(4, [*lapsed, lifted])["ceiling_mg"] == 2350


def test_the_spell_of_a_rule_keeps_its_first_day_and_a_new_spell_has_a_new_one() -> None:
    high = [check_in(n, answers=answers(7)) for n in (2, 3)]
    told = [
        check_in(1),
        *high,
        *calm(4, 8),
        check_in(9, answers=answers(7)),
        check_in(10, answers=answers(7)),
    ]
    since = {
        today: [one["since"] for one in answer["escalations"]]
        for today, answer in replay(case(10, told)).items()
    }
    assert since[str(day(3))] == since[str(day(4))] == [str(day(3))]
    assert since[str(day(6))] == []
    assert since[str(day(10))] == [str(day(10))]


# --- cases that cannot be ---------------------------------------------------------------------


def test_a_case_of_values_is_refused_like_a_document() -> None:
    told = read(case(3, calm(1, 3)))
    with pytest.raises(InputError) as refused:
        Case(told.plan, told.events, date(2026, 12, 2))
    assert [fault.path for fault in refused.value.faults] == ["events[2].on"]


# --- days before the plan, and days not told --------------------------------------------------


def test_before_the_start_no_amount_is_too_much_and_none_is_unclear() -> None:
    above, between = check_in(-1, amount_mg=9000), check_in(0, amount_mg=[2000, 9000])
    first = facts(1, [above, between, check_in(1)])
    assert (first.over_days, first.unsure_days, first.sure_days) == (0, 0, 3)


def test_high_distress_before_the_start_makes_no_step_smaller() -> None:
    high = [check_in(n, answers=answers(8)) for n in (-2, -1)]
    before = facts(0, high, levels_mg=(100, 50, 0))  # with no amount to measure in between
    assert before.days_needed == facts(0, []).days_needed


def test_days_before_the_plan_told_in_any_order_are_one_run() -> None:
    told = [none_used(-1, 1, at="08:00"), none_used(-2, 1, at="09:00"), none_used(0, 1, at="10:00")]
    assert facts(1, [*told, none_used(1)]).free_days == 4


def test_before_the_first_day_that_anything_is_known_of_nothing_is_told() -> None:
    lapsed = ask_on(10, [], start=None, review_by=str(day(5)))
    assert {one["since"] for one in lapsed["escalations"]} == {str(day(10))}
    assert "review_when_approval_has_lapsed" in spoke(lapsed)


def test_too_few_answers_never_count_however_important_they_are() -> None:
    core = {"craving": 0, "anxiety": 0, "mood": 0}
    newest = facts(8, [*calm(1, 7), check_in(8, answers=core)]).recent[0]
    assert (newest.counted, newest.score, newest.core) == (False, None, core)


def test_a_day_without_use_is_never_one_using_day_too_many() -> None:
    four_days = [{"ceiling_mg": mg, "days_per_week": 4} for mg in (1000, 500, 0)]
    used = [check_in(n) for n in (1, 2, 3, 5, 6)]
    assert facts(6, used, levels=four_days).over_days == 1
    assert facts(7, [*used, none_used(7)], levels=four_days).over_days == 1


# --- a ledger that is asked in between --------------------------------------------------------


def test_an_act_counts_from_its_day_whatever_was_looked_at_before() -> None:
    told = read(case(9, [*calm(1, 8), act("step", 8)]))
    ledger = history.Ledger(told.plan, day(1), day(9))
    arrived = history.arrivals(told.events)
    for counts_from, event in arrived[:-1]:
        ledger.take(event, counts_from)
    assert ledger.read(day(9)).snapshot.level == 1
    ledger.take(arrived[-1][1], arrived[-1][0])
    assert ledger.read(day(9)).snapshot.level == 2


def test_years_without_a_word_are_read() -> None:
    assert facts(1_000, [check_in(1)]).silent_days == 998  # today is not over


def test_without_a_start_no_day_lies_in_the_plan() -> None:
    assert facts(9, calm(1, 9), start=None).days_in_plan == -1


def test_a_day_with_few_answers_is_told_and_not_answered() -> None:
    few = facts(8, [*calm(1, 7), check_in(8, answers={"craving": 2})])
    assert (few.answered_days, few.silent_days) == (6, 0)


def test_a_day_on_which_use_was_not_said_neither_ends_a_run_nor_makes_it_longer() -> None:
    run = [none_used(1), none_used(2), check_in(3, used=None, amount_mg=None)]
    assert facts(3, run).free_days == 2
    assert facts(4, [*run, none_used(4)]).free_days == 4


def test_flags_that_repeat_are_named_in_one_order() -> None:
    routine = [name for name, urgency in PROTOCOL.flags.items() if urgency == "routine"]
    told = facts(3, [check_in(n, flags=routine[::-1]) for n in (1, 2, 3)])
    assert len(routine) > 5
    assert told.repeated_flags == tuple(sorted(routine))


# --- where a count begins and ends ------------------------------------------------------------


def test_before_the_first_day_nothing_is_silent_and_no_day_lies_in_the_plan() -> None:
    before = facts(-3, [check_in(-4)])
    assert (before.silent_days, before.silent_days_since_act, before.days_in_window) == (0, 0, 0)


def test_without_a_start_nothing_is_silent_and_no_day_lies_in_the_plan() -> None:
    resumed = by_prescriber("resume", 5)
    unstarted = facts(9, [*calm(1, 4), resumed], start=None)
    assert (unstarted.silent_days, unstarted.silent_days_since_act) == (0, 0)
    assert unstarted.days_in_window == 0


def test_silence_since_a_pause_was_ended_begins_on_the_day_after_it() -> None:
    looked_at = facts(23, [*calm(1, 2), by_prescriber("resume", 20)])
    assert (looked_at.silent_days, looked_at.silent_days_since_act) == (20, 2)


def test_days_off_since_a_lapse_was_ended_begin_on_the_day_after_it() -> None:
    free = [none_used(n) for n in range(1, 8)]
    since = [(5, 2), (6, 1), (7, 0)]  # the run ends on day 7
    for ended, days in since:
        assert facts(7, [*free, by_prescriber("resume", ended)]).free_days_since_act == days
    assert facts(11, [*free, by_prescriber("resume", 11)]).free_days_since_act == 0


def test_as_many_times_as_the_level_allows_are_not_too_many() -> None:
    four_times = [{"ceiling_mg": mg, "times_per_day": 4} for mg in (1000, 500, 0)]
    assert facts(2, [check_in(2, times=4)], levels=four_times).over_days == 0
    assert facts(2, [check_in(2, times=5)], levels=four_times).over_days == 1


def test_a_step_back_begins_a_new_run_of_held_days() -> None:
    severe = [check_in(n, answers=answers(9)) for n in (9, 10, 11, 12)]
    told = [*calm(1, 8), act("step", 8), *severe]
    assert facts(12, told).held_running > 0
    assert facts(12, [*told, act("step_back", 12)]).held_running == 0


def test_on_the_first_day_nothing_was_held() -> None:
    first = facts(1, [])
    assert (first.held, first.held_running, first.served) == (0, 0, 0)


def test_four_core_answers_do_not_count_where_the_protocol_asks_for_five() -> None:
    core = {"craving": 0, "anxiety": 0, "mood": 0, "irritability": 0}
    told = read(case(1, [check_in(1, answers=core)]))
    limits = PROTOCOL.limits
    five = replace(limits, answered_items=replace(limits.answered_items, value=5))
    stricter = replace(told.plan, protocol=replace(PROTOCOL, limits=five))
    days = [history.look(plan, told.events, told.today).snapshot for plan in (told.plan, stricter)]
    assert [one.recent[0].counted for one in days] == [True, False]
