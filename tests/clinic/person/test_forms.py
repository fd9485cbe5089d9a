"""What a person types is cleaned or refused with the reason; it is never guessed."""

from datetime import date
from typing import Any

import pytest
from django.http import QueryDict

from stepwell.clinic.person import forms, words

TODAY = date(2026, 12, 8)


def check_in(ceiling_mg: int | None = 2350, asks_safety: bool = False, **told: Any) -> Any:
    data = QueryDict(mutable=True)
    for name, value in {"event_id": "web-1", **told}.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    form = forms.CheckInForm(data, ceiling_mg=ceiling_mg, asks_safety=asks_safety)
    form.is_valid()
    return form


def test_an_empty_check_in_tells_nothing_and_is_accepted() -> None:
    form = check_in()
    assert not form.errors
    assert form.answers() == {"used": None, "answers": {}, "flags": []}


def test_a_day_without_use_is_told_with_its_four_core_items() -> None:
    form = check_in(used="no", craving="3", anxiety="0", mood="2", irritability="10")
    assert form.answers()["used"] is False
    assert form.answers()["answers"] == {
        "craving": 3,
        "anxiety": 0,
        "mood": 2,
        "irritability": 10,
    }


def test_a_skipped_item_is_missing_and_not_zero() -> None:
    assert "sleep" not in check_in(used="no", sleep="").answers()["answers"]


def test_rather_not_say_is_not_told_as_no_use() -> None:
    assert check_in(used="not_said").answers()["used"] is None


@pytest.mark.parametrize(
    ("word", "amount"),
    [
        ("under", [0, 2350]),
        ("about", [2350, 2350]),
        ("more", [2351, 3525]),
        ("a_lot_more", [3526, 7050]),
    ],
)
def test_a_word_for_an_amount_becomes_a_range_beside_the_ceiling(
    word: str, amount: list[int]
) -> None:
    assert check_in(used="yes", about=word).answers()["amount_mg"] == amount


def test_not_sure_tells_no_amount() -> None:
    assert "amount_mg" not in check_in(used="yes", about="unsure").answers()


def test_without_a_ceiling_no_word_is_measured_against_one() -> None:
    choices = dict(check_in(ceiling_mg=None).fields["about"].choices)
    assert set(choices) == {"unsure"}


def test_what_is_typed_wins_over_the_word() -> None:
    form = check_in(used="yes", about="under", amount="2.65 g", times="5")
    assert form.answers()["amount_mg"] == [2650, 2650]
    assert form.answers()["times"] == 5


def test_an_amount_left_over_from_a_changed_mind_is_not_told_with_no_use() -> None:
    assert "amount_mg" not in check_in(used="no", amount="2 g", times="3").answers()


def test_a_decimal_comma_is_refused_with_the_way_to_write_it_and_kept_on_the_page() -> None:
    form = check_in(used="yes", amount="2,65 g")
    assert "comma" in form.errors["amount"][0]
    assert "2.65 g" in form.errors["amount"][0]
    assert form["amount"].value() == "2,65 g"


def test_an_unclear_amount_never_holds_back_a_red_flag() -> None:
    form = check_in(used="yes", amount="2,65 g", flags=["cannot_pass_urine"], craving="9")
    assert form.tells_danger
    answers = form.answers()
    assert answers["flags"] == ["cannot_pass_urine"]
    assert answers["answers"] == {"craving": 9}
    assert "amount_mg" not in answers


def test_a_routine_flag_is_no_danger() -> None:
    assert not check_in(flags=["cramps"]).tells_danger


@pytest.mark.parametrize(("answer", "danger"), [("no", False), ("thoughts", True), ("plan", True)])
def test_a_dangerous_answer_to_the_safety_question_is_danger(answer: str, danger: bool) -> None:
    form = check_in(asks_safety=True, safety=answer)
    assert form.tells_danger is danger
    assert form.answers()["safety"] == answer


def test_the_safety_question_is_asked_only_when_it_is_due() -> None:
    assert "safety" not in check_in().fields


@pytest.mark.parametrize(
    ("told", "over"),
    [
        ({"about": "under"}, False),
        ({"about": "about"}, False),
        ({"about": "more"}, True),
        ({"amount": "2-3 g"}, False),
        ({"amount": "2400 mg"}, True),
        ({"about": "unsure"}, False),
    ],
)
def test_more_than_planned_is_only_what_is_surely_more(told: dict[str, Any], over: bool) -> None:
    assert check_in(used="yes", **told).is_over is over


def test_every_flag_of_the_data_can_be_told() -> None:
    told = [name for group in words.flag_groups() for name, _ in group.flags]
    assert check_in(flags=told).answers()["flags"] == told


def test_each_form_has_an_id_of_its_own() -> None:
    assert forms.CheckInForm()["event_id"].value() != forms.CheckInForm()["event_id"].value()


def agree(**told: Any) -> forms.AgreeForm:
    data = QueryDict(mutable=True)
    data.setlist("teach_back", told.get("teach_back", [name for name, _ in forms.TEACH_BACK]))
    data["start"] = told.get("start", "2026-12-08")
    return forms.AgreeForm(data, today=TODAY)


def test_a_plan_is_agreed_with_three_ticks_and_a_day() -> None:
    form = agree()
    assert form.is_valid()
    assert form.cleaned_data["start"] == TODAY


def test_two_ticks_are_not_enough() -> None:
    assert "teach_back" in agree(teach_back=["most", "mine"]).errors


def test_day_one_is_never_in_the_past() -> None:
    assert "start" in agree(start="2026-12-07").errors


def pattern(**told: Any) -> forms.PatternForm:
    data = {"amount": "2.5-3 g", "times_per_day": "6", "days_per_week": "7", **told}
    return forms.PatternForm(data, confirm_above_mg=10_000)


def test_a_pattern_of_use_is_a_range_in_milligrams() -> None:
    form = pattern()
    assert form.is_valid()
    assert form.cleaned_data["amount"] == (2500, 3000)


def test_a_very_large_amount_is_asked_about_once_more_and_then_believed() -> None:
    asked = pattern(amount="14 g")
    assert not asked.is_valid()
    assert asked.asks_again
    assert pattern(amount="14 g", is_right="on").is_valid()


def test_at_most_three_things_matter_most() -> None:
    chosen = QueryDict(mutable=True)
    chosen.setlist("what_matters", ["sleep", "pain", "pee", "money"])
    chosen["goal"] = "none"
    assert "what_matters" in forms.MattersForm(chosen).errors


def test_only_switches_that_changed_are_answered_again() -> None:
    form = forms.ConsentForm({"store": "on", "share_keyworker": "on"})
    assert form.is_valid()
    given = {"store": True, "share_keyworker": False, "learning": False}
    assert form.changed(given) == {
        "share_keyworker": True,
        "share_prescriber": False,
        "share_gp": False,
        "share_urology": False,
    }
