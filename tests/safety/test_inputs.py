"""What may come in: amounts, limits, dates, plans; each refusal also with its check taken away."""

import copy
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from stepwell import catalogue
from stepwell.engine import amounts, case, plan, planner, protocol, wire
from stepwell.engine.amounts import AmountRange
from stepwell.engine.errors import InputError, ProtocolError
from tests.safety.cases import Document, days, decide, event, fails, tell
from tests.safety.cases import plan as a_plan

UNCLEAR = [
    "0,5 g",
    "1.000 g",
    "1 000 mg",
    "2.65",
    "200",
    "a bump",
    "1e3 mg",
    "٢٠٠ mg",
    "５ g",
    "NaN",
]
REQUEST = {
    "start": "2026-12-01",
    "baseline": {"amount_mg": 2650, "times_per_day": 6, "days_per_week": 7},
}


def refused(given: Any) -> bool:
    try:
        given()
    except InputError:
        return True
    return False


# Amounts


def unclear_amounts_are_refused() -> None:
    for text in UNCLEAR:
        assert refused(lambda text=text: amounts.parse(text)), text


def test_an_amount_that_can_mean_two_things_is_refused() -> None:
    unclear_amounts_are_refused()


def test_a_parser_that_guesses_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    def guessed(text: str) -> AmountRange:
        number = float(text.removesuffix("g").removesuffix("m").replace(",", "").replace(" ", ""))
        return AmountRange(int(number), int(number))

    monkeypatch.setattr(amounts, "parse", guessed)
    fails(unclear_amounts_are_refused)


def test_a_gram_is_a_thousand_milligrams_and_reads_back_the_same() -> None:
    for text in ("0.2 g", "200 mg", "1.8-2.2 g", "1800 - 2200 mg"):
        told = amounts.parse(text)
        assert amounts.parse(amounts.show(told)) == told
    assert amounts.parse("0.2 g") == amounts.parse("200 mg") == AmountRange(200, 200)


def only_whole_milligrams_are_amounts() -> None:
    for wrong in (2.5, "200", float("nan"), True, -1, None):
        assert refused(lambda wrong=wrong: AmountRange(wrong, 3000)), wrong


def test_an_amount_is_a_whole_number_of_milligrams() -> None:
    only_whole_milligrams_are_amounts()


def test_an_amount_that_checks_nothing_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AmountRange, "__post_init__", lambda _: None)
    fails(only_whole_milligrams_are_amounts)


# Limits


def a_bad_limit_is_refused() -> None:
    bounds = catalogue.document("protocols", "bounds.json")["bounds"]
    good = catalogue.document("protocols", "ketamine.json")
    for name in good["limits"]:
        wrong = [None, "7", 7.0, float("nan"), True, -1, 10**9]
        for value in wrong:
            bad = copy.deepcopy(good)
            bad["limits"][name]["value"] = value
            assert refused(lambda bad=bad: protocol.read(bad, bounds)), (name, value)
        missing = copy.deepcopy(good)
        del missing["limits"][name]
        assert refused(lambda missing=missing: protocol.read(missing, bounds)), name


def test_a_limit_that_is_missing_or_out_of_bounds_is_refused() -> None:
    a_bad_limit_is_refused()


def test_without_bounds_the_check_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "_within", lambda *_: True)
    fails(a_bad_limit_is_refused)


def limits_that_disable_each_other_are_refused() -> None:
    bounds = catalogue.document("protocols", "bounds.json")["bounds"]
    bad = catalogue.document("protocols", "ketamine.json")
    bad = copy.deepcopy(bad)
    bad["limits"]["calm_at_most"]["value"] = bad["limits"]["high_score"]["value"]
    bounds = {**bounds, "calm_at_most": {"lowest": 0, "highest": 10}}
    assert refused(lambda: protocol.read(bad, bounds))


def test_limits_that_disable_each_other_are_refused() -> None:
    limits_that_disable_each_other_are_refused()


def test_without_the_look_for_contradictions_the_check_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocol, "_contradictions", lambda _: [])
    fails(limits_that_disable_each_other_are_refused)


# Dates


def nothing_from_the_future_is_read() -> None:
    assert refused(lambda: decide([tell(9)], 8))
    assert refused(lambda: decide([tell(5, told=9)], 8))
    assert refused(lambda: decide([tell(5, told=4)], 8))


def test_an_event_after_today_is_refused() -> None:
    nothing_from_the_future_is_read()


def test_without_the_look_at_dates_the_check_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case, "_impossible_dates", lambda _: iter(()))
    fails(nothing_from_the_future_is_read)


def one_id_is_one_event() -> None:
    assert refused(lambda: decide([tell(1), {**tell(1), "safety": "declined"}], 2))


def test_two_different_events_under_one_id_are_refused() -> None:
    one_id_is_one_event()


def test_without_the_look_at_ids_the_check_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case, "_impossible_ids", lambda _: iter(()))
    fails(one_id_is_one_event)


def what_cannot_be_read_is_refused() -> None:
    for broken in ({"kind": "snooze"}, {"flags": ["none_of_ours"]}, {"answers": {"craving": 11}}):
        assert refused(lambda broken=broken: decide([*days(1, 6), {**tell(7), **broken}], 8))
    for lost in ("events", "plan", "today"):
        asked = {"plan": a_plan(), "events": days(1, 7), "today": "2026-12-08"}
        del asked[lost]
        assert refused(lambda asked=asked: wire.decide(asked, catalogue.protocols()))


def test_a_history_that_cannot_be_read_is_refused_and_never_empty() -> None:
    what_cannot_be_read_is_refused()


def test_where_unreadable_events_are_dropped_the_check_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def forgiving(document: Document, protocols: Any) -> Any:
        kept = [one for one in document.get("events", []) if one["id"] != "check_in-7-12"]
        return DECIDE({**document, "events": kept}, protocols)

    monkeypatch.setattr(wire, "decide", forgiving)
    fails(what_cannot_be_read_is_refused)


DECIDE = wire.decide


# Plans


def rising_levels_cannot_be_built() -> None:
    for levels in ((2650, 2650, 0), (2650, 2700, 0), (2650,)):
        given = [{"ceiling_mg": mg} for mg in levels]
        assert refused(lambda given=given: decide([], 1, levels=given))


def test_a_plan_whose_levels_do_not_fall_cannot_be_built() -> None:
    rising_levels_cannot_be_built()


def test_without_the_look_at_levels_the_check_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_rises(levels: tuple[plan.Level, ...]) -> Iterator[Any]:
        return iter(())

    monkeypatch.setattr(plan, "_rises", none_rises)
    fails(rising_levels_cannot_be_built)


def draft(**other: Any) -> Document:
    return wire.plan({**REQUEST, **other}, catalogue.protocols())


def large_steps_need_a_name() -> None:
    for fast in ({"shape": "halving"}, {"days_per_level": 3}, {"jump_off_mg": 1000}):
        assert draft(**fast)["needs"] == ["authorisation"]


def test_a_step_or_pace_beyond_the_limits_needs_a_named_authorisation() -> None:
    large_steps_need_a_name()
    assert draft()["needs"] == []


def test_without_the_look_at_limits_the_check_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "_breaches", lambda *_: iter(()))
    fails(large_steps_need_a_name)


def unbelievable_amounts_are_refused() -> None:
    for mg in (49, 30_001, 265_000):
        assert not draft(baseline={"amount_mg": mg})["accepted"]
    assert draft(baseline={"amount_mg": 10_001})["needs"] == ["confirmation"]


def test_an_amount_ten_times_too_large_is_refused_or_must_be_confirmed() -> None:
    unbelievable_amounts_are_refused()


def test_without_the_range_of_amounts_the_check_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "_unbelievable_amounts", lambda *_: iter(()))
    fails(unbelievable_amounts_are_refused)


def levels_can_be_measured() -> None:
    assert not draft(goal_mg=120)["accepted"]
    for unit in range(1, 101):
        levels = [one["ceiling_mg"] for one in draft(smallest_unit_mg=unit)["levels"]]
        assert all(mg % unit == 0 for mg in levels[1:]), unit
        assert levels == sorted(set(levels), reverse=True), unit


def test_every_level_can_be_measured_and_is_lower_than_the_one_before() -> None:
    levels_can_be_measured()


def test_without_the_smallest_unit_the_check_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "_unmeasurable_amounts", lambda *_: iter(()))
    fails(levels_can_be_measured)


def a_date_never_makes_it_faster() -> None:
    answer = draft(end_by="2026-12-20")
    assert answer["needs"] == []
    assert date.fromisoformat(answer["finish"]["earliest"]) > date(2026, 12, 20)


def test_an_end_date_makes_a_plan_longer_and_never_faster() -> None:
    a_date_never_makes_it_faster()


def test_where_no_step_is_too_large_the_check_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "_too_large", lambda *_: False)
    fails(a_date_never_makes_it_faster)


def test_what_the_planner_prints_is_a_draft() -> None:
    assert draft()["status"] == "draft"


def test_a_broken_protocol_names_the_place() -> None:
    with pytest.raises(ProtocolError) as refusal:
        protocol.read({"limits": {}}, {})
    assert "limits.largest_step_percent: is missing" in str(refusal.value)


def test_an_act_beyond_the_last_level_is_refused() -> None:
    far = event("set_level", 7, hour=13, level=9, by="clinician:Dr Osei")
    assert refused(lambda: decide([*days(1, 7), far], 8))
