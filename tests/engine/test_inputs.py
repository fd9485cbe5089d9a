"""Malformed calls are refused at their place, and short texts are one amount or none."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from prove import amount_texts, inputs, judge, mutations
from prove.inputs import Tally
from prove.measures import Measure
from stepwell.engine import amounts, case, contract, plan, wire
from stepwell.engine.amounts import AmountRange
from stepwell.engine.errors import Fault, InputError
from tests.engine.cases import ask, calm, check_in
from tests.engine.cases import case as a_case

Patch = pytest.MonkeyPatch


def short(measures: list[Measure]) -> list[str]:
    return [str(measure) for measure in measures if not measure.met]


# --- malformed calls --------------------------------------------------------------------------


def test_thousands_of_malformed_calls_are_refused_at_their_place() -> None:
    measures = inputs.run(0.0025)
    assert short(measures) == []


@pytest.mark.parametrize("value", [mutations.DEEP, 10**5000], ids=["deep", "huge"])
def test_a_value_that_cannot_be_written_is_refused_like_any_other(value: Any) -> None:
    with pytest.raises(InputError):
        ask({**a_case(1, []), "today": value})


def test_an_hour_has_sixty_minutes_in_every_zone() -> None:
    with pytest.raises(InputError):
        ask(a_case(1, [{**check_in(1), "recorded": "2026-12-01T20:00:00+05:99"}]))


@pytest.mark.parametrize("part", ["requests", "told_cases"])
def test_what_is_changed_was_valid_before(part: str) -> None:
    bases = getattr(inputs, part)()
    judged = judge.of_request if part == "requests" else judge.of_case
    assert len(bases) > 80
    assert [judged(base.document) for base in bases] == [[]] * len(bases)


def test_every_kind_of_event_is_changed() -> None:
    told = [event["kind"] for base in inputs.told_cases() for event in base.document["events"]]
    assert set(told) == set(contract._EVENTS)


def test_a_change_leaves_the_document_as_it_was() -> None:
    bases = inputs.told_cases()
    before = [wire.digest(base.document) for base in bases]
    for seed in range(2000):
        mutations.changed(Random(seed), bases[seed % len(bases)], bases)
    assert [wire.digest(base.document) for base in bases] == before


def test_the_same_dice_change_a_document_in_the_same_way() -> None:
    bases = inputs.requests()
    one, again = (mutations.changed(Random(3), bases[0], bases) for _ in range(2))
    assert repr(one) == repr(again)


# What breaks them: each with the tally that has to count it.


def no_type_matters(patch: Patch) -> None:
    patch.setitem(contract._TYPES, "integer", lambda value: isinstance(value, int | float))


def no_calendar(patch: Patch) -> None:
    patch.setattr(contract, "_matches", lambda value, schema: True)


def nothing_is_untrue(patch: Patch) -> None:
    patch.setattr(wire, "_untrue", lambda *_: iter(()))


def any_day_will_do(patch: Patch) -> None:
    patch.setattr(case, "_impossible_dates", lambda _: iter(()))


def one_id_for_all(patch: Patch) -> None:
    patch.setattr(case, "_impossible_ids", lambda _: iter(()))


def levels_may_rise(patch: Patch) -> None:
    patch.setattr(plan, "_rises", lambda _: iter(()))


def unknown_fields_are_dropped(patch: Patch) -> None:
    check = contract._check_object

    def forgiving(value: Any, schema: Any, path: str, found: list[Fault]) -> None:
        known = {name: one for name, one in value.items() if name in schema["properties"]}
        check(known, schema, path, found)

    patch.setitem(contract._CHECKS, "object", forgiving)


def no_schema_fits(patch: Patch) -> None:
    class Refusing:
        def is_valid(self, document: Any) -> bool:
            return False

    patch.setattr(inputs, "_validator", lambda name: Refusing())


def a_fault_cannot_be_told(patch: Patch) -> None:
    patch.setattr(contract, "_shown", lambda value: 1 / 0)


def a_place_is_named_wrongly(patch: Patch) -> None:
    patch.setattr(contract, "_join", lambda path, name: "elsewhere")


def thirds_are_not_told(patch: Patch) -> None:
    def strict(document: Any, protocol: Any) -> Iterator[Fault]:
        yield from ([Fault("today", "odd")] if len(document["events"]) % 3 else ())

    patch.setattr(wire, "_untrue", strict)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("broken", "wrong", "calls"),
    [
        (no_type_matters, "accepted", 400),
        (no_calendar, "accepted", 400),
        (nothing_is_untrue, "accepted", 600),
        (any_day_will_do, "accepted", 400),
        (one_id_for_all, "accepted", 1500),
        (levels_may_rise, "accepted", 400),
        (unknown_fields_are_dropped, "accepted", 400),
        (no_schema_fits, "accepted", 400),
        (a_fault_cannot_be_told, "crashed", 100),
        (a_place_is_named_wrongly, "misnamed", 100),
        (thirds_are_not_told, "refused", 100),
    ],
)
def test_a_broken_door_turns_the_measure_short(
    monkeypatch: Patch, broken: Callable[[Patch], None], wrong: str, calls: int
) -> None:
    inputs.requests(), inputs.told_cases()
    broken(monkeypatch)
    tally = inputs.batch(1, calls)
    assert getattr(tally, wrong) > 0
    assert short(inputs._measures(tally, 1))
    assert any(one.startswith(wrong) for one in tally.shown) or len(tally.shown) == 10


def test_too_few_calls_are_short() -> None:
    assert short(inputs._measures(Tally(calls=9, malformed=8, held_to_schema=1), 10)) != []
    assert short(inputs._measures(Tally(calls=20, malformed=10, held_to_schema=1), 10)) == []
    assert short(inputs._measures(Tally(calls=20, malformed=10), 10)) != []


# --- the second opinion -----------------------------------------------------------------------


def test_the_second_opinion_knows_the_calendar() -> None:
    days = [date(2027, 12, 1) + timedelta(days=n) for n in range(400)]
    assert all(judge.is_day(str(day)) for day in days)
    texts = [f"{y}-{m:02}-{d:02}" for y in (2027, 2028, 2100) for m in range(14) for d in range(33)]
    assert [text for text in texts if judge.is_day(text)] == [text for text in texts if reads(text)]


def reads(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


@pytest.mark.parametrize(
    ("clock", "fits"),
    [
        ("T22:10:00Z", True),
        ("T22:10Z", True),
        ("T22:10:00.123456+05:30", True),
        ("T00:00:00-23:59", True),
        ("T24:00:00Z", False),
        ("T23:60:00Z", False),
        ("T23:59:60Z", False),
        ("T22:10:00", False),
        ("T22:10:00+24:00", False),
        ("T22:10:00+05:60", False),
        ("T22:10:00+0530", False),
        ("T22:10:00.1234567Z", False),
        ("T22:10:00Z\n", False),
    ],
)
def test_the_second_opinion_knows_the_clock(clock: str, fits: bool) -> None:
    assert judge.is_instant(f"2026-12-01{clock}") is fits


def test_the_second_opinion_reads_one_event_written_in_two_ways_as_one() -> None:
    one = {**check_in(1), "recorded": "2026-12-01T22:10:00Z", "amount_mg": 500, "times": None}
    other = {**one, "recorded": "2026-12-01T23:10:00.0+01:00", "amount_mg": [500, 500]}
    del other["times"]
    assert judge.of_case(a_case(2, [one, other])) == []
    assert judge.of_case(a_case(2, [one, {**other, "times": 1}])) == ["events[1].id"]


def test_the_second_opinion_names_what_cannot_be() -> None:
    tomorrow = check_in(3, 2)
    assert judge.of_case(a_case(2, [check_in(1, 3)])) == ["events[0].recorded_on"]
    assert "events[1].on" in judge.of_case(a_case(2, [*calm(1, 1), tomorrow]))
    assert judge.of_case(a_case(2, [], levels_mg=(500, 600))) == ["plan.levels[1]"]
    assert judge.of_case(a_case(2, [check_in(1, used=False)])) == ["events[0].used"]
    assert judge.of_request({"start": "2026-12-01", "baseline": {}}) == ["baseline.amount_mg"]


# --- texts of amounts -------------------------------------------------------------------------


def test_every_text_of_four_characters_is_one_amount_or_none() -> None:
    assert short(amount_texts.run(0.01)) == []


def test_the_grammar_has_the_texts_it_should() -> None:
    readable = amount_texts.readable(6)
    assert readable["1.5 g"] == readable[" 1.5g"] == (1500, 1500)
    assert readable["1-5 mg"] == (1, 5)
    assert readable["0.5-1g"] == (500, 1000)
    assert "1.500g" not in readable  # fifteen hundred grams in half of Europe
    assert not {"5-1 mg", "01 mg", "1.5mg", "1,5 g", "1. g", ".5 g", "1 5mg", "+1 mg"} & set(
        readable
    )


@pytest.mark.parametrize(
    ("text", "mark", "ends"),
    [
        ("1.500 g", "1.234,5", (1_500_000, 1_500_000)),
        ("1.500 g", "1,234.5", (1500, 1500)),
        ("1,5 g", "1.234,5", (1500, 1500)),
        ("1,5 g", "1,234.5", None),
        ("1 500 mg", "1 234,5", (1500, 1500)),
        ("1'500 mg", "1'234.5", (1500, 1500)),
        ("0.5-1 g", "1.234,5", None),
        ("1-5 mg", "1 234,5", (1, 5)),
    ],
)
def test_numbers_are_read_as_they_are_elsewhere(
    text: str, mark: str, ends: amount_texts.Ends | None
) -> None:
    assert amount_texts.elsewhere(text, *amount_texts.CONVENTIONS[mark]) == ends


PARSE = amounts.parse


def commas_are_points(text: str) -> AmountRange:
    return PARSE(text.replace(",", "."))


def spaces_of_any_kind(text: str) -> AmountRange:
    return PARSE(text.replace("\u00a0", " "))


def guessed(text: str) -> AmountRange:
    number = float(re.sub("[^0-9.e+-]", "", text) or 0)
    return AmountRange(abs(int(number)), abs(int(number)))


def grams_are_milligrams(text: str) -> AmountRange:
    return PARSE(text.replace("g", "mg").replace("mmg", "mg"))


def nothing_is_clear(text: str) -> AmountRange:
    raise InputError.at("", "not clear")


@pytest.mark.parametrize(
    "broken",
    [commas_are_points, spaces_of_any_kind, guessed, grams_are_milligrams, nothing_is_clear],
)
def test_another_parser_turns_the_measures_short(
    monkeypatch: Patch, broken: Callable[[str], AmountRange]
) -> None:
    monkeypatch.setattr(amounts, "parse", broken)
    tally = amount_texts.tried(4)
    assert tally.differed + tally.crashed > 0
    assert tally.shown


def test_a_parser_that_reads_three_decimals_means_another_amount_elsewhere() -> None:
    assert amount_texts.means_otherwise("1.500 g", (1500, 1500))
    assert not amount_texts.means_otherwise("1.50 g", (1500, 1500))


def test_an_amount_that_is_shown_otherwise_is_noticed(monkeypatch: Patch) -> None:
    assert amount_texts.not_read_back(0.001) == []
    monkeypatch.setattr(amounts, "show", lambda amount: f"{amount.low_mg / 1000:g} g")
    assert amount_texts.not_read_back(0.001)


def test_texts_that_were_not_tried_are_short() -> None:
    measures = amount_texts._measures(amount_texts.Tally(tried=9, read=1), 10, 4, 0, 0)
    assert [measure.met for measure in measures] == [False, True, True, True, True]
