"""The rules a second time: the decision table says of every day what the engine says."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import fields
from functools import cache
from typing import Any

import pytest

from prove import agreement, language, oracle, planted
from prove.language import Day, Names, TableError
from prove.oracle import Table
from stepwell.engine import rules
from stepwell.engine.protocol import URGENCIES
from stepwell.engine.recommendation import Offer
from stepwell.engine.snapshot import Snapshot

BATCHES, SIZE = 25, 800


@cache
def tally() -> agreement.Tally:
    whole = agreement.Tally()
    for seed in range(BATCHES):
        whole.add(agreement.batch(seed, SIZE))
    return whole


def edited(name: str, column: str, change: Callable[[str], str]) -> Table:
    """The table with one cell changed."""
    lines = oracle.lines_of(oracle.text())
    for line in lines:
        if line["name"] == name:
            line[column] = change(line[column])
    return oracle.built(lines)


# The engine and the table


def test_every_rule_has_exactly_one_row_in_the_order_it_runs() -> None:
    rows = [row.name for row in oracle.table().rules]
    assert rows == [rule.__name__ for rule in rules.RULES]


def test_what_speaks_only_alone_is_the_same_in_both() -> None:
    alone = {row.name for row in oracle.table().rules if row.alone}
    assert alone == {rule.__name__ for rule in rules.ONLY_ALONE}


def test_the_engine_and_the_table_agree_on_random_days() -> None:
    assert tally().shown == []
    assert tally().compared == BATCHES * SIZE
    assert tally().differed == 0


def test_every_rule_speaks_on_some_of_the_random_days() -> None:
    rarely = [row.name for row in oracle.table().rules if tally().spoke[row.name] < 100]
    assert rarely == []


def test_random_days_are_the_same_for_the_same_seed() -> None:
    shown = [[agreement.shown(day) for day in agreement.random_days(3, 20)] for _ in range(2)]
    assert shown[0] == shown[1]


# Planted faults


@pytest.mark.slow
def test_every_fault_planted_in_the_table_is_caught() -> None:
    faults = list(planted.faults(oracle.lines_of(oracle.text())))
    missed = planted.unseen(faults, agreement.pairs(range(12), 5 * SIZE))
    assert [fault.now for fault in missed] == []
    assert len(faults) > 150


def test_one_limit_flipped_in_the_table_shows_with_the_day() -> None:
    flipped = edited("held_for_long", "condition", lambda said: said.replace(">=", ">"))
    found = agreement.batch(0, SIZE, flipped)
    assert found.differed > 0
    assert any("review_when_held_for_long" in difference for difference in found.shown)
    assert all("'held': " in difference for difference in found.shown)


def test_two_rows_exchanged_are_caught() -> None:
    lines = oracle.lines_of(oracle.text())
    places = [n for n, line in enumerate(lines) if line["kind"] == "rule"][:2]
    lines[places[0]], lines[places[1]] = lines[places[1]], lines[places[0]]
    assert agreement.batch(0, SIZE, oracle.built(lines)).differed > 0


# The table as a document


def test_every_row_can_be_read_and_signed() -> None:
    for line in oracle.lines_of(oracle.text()):
        assert line["in plain words"].strip(), line["name"]
        assert (line["signed by"] == "") == (line["signed on"] == ""), line["name"]
    for row in oracle.table().rules:
        assert row.offer in set(Offer), row.name
        assert row.source, row.name


def test_the_table_reads_facts_of_the_day_and_nothing_of_the_rules() -> None:
    assert set(oracle.FACTS) == {field.name for field in fields(Snapshot)}
    for module in (oracle, language):
        reached = {getattr(value, "__name__", "") for value in vars(module).values()}
        reached |= {getattr(value, "__module__", "") for value in vars(module).values()}
        for hidden in ("rules", "history", "place", "guard"):
            assert f"stepwell.engine.{hidden}" not in reached


# The small language


def value(text: str, **facts: Any) -> Any:
    known = type("Facts", (), facts)()
    meaning = language.compiled(text, Names(facts, ("held_days",), {}, URGENCIES))
    return meaning(Day(known, {"held_days": 14}))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("held >= [held_days]", True),
        ("held > [held_days]", False),
        ("held + 1 > [held_days] and not closed", True),
        ("closed or held = 13", False),
        ("not closed and not held < 3", True),
        ("[held_days] * 3 // 4 + 1", 11),
        ("max(0, held - 20)", 0),
        ("nothing if closed else held", 14),
        ("level is set and left is not set", True),
        ("days is empty", False),
        ("size(newest(2, days)) + latest(days)", 6),
        ("any(days, it = 1) and every(days, it > 0) and not every(days, it > 1)", True),
        ("count(days, it >= 2)", 2),
        ("mean(days, it) = 7 // 3", False),
        ("names has routine", True),
        ("every(told, it.told < 7 or names has it.item)", True),
    ],
)
def test_the_language_says_what_it_reads_like(text: str, wanted: Any) -> None:
    facts = {
        "held": 14,
        "closed": False,
        "level": 1,
        "left": None,
        "days": (4, 2, 1),
        "names": ("routine", "sleep"),
        "told": {"sleep": 9, "mood": 6},
    }
    assert value(text, **facts) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "__import__",
        "held.__class__",
        "held >= 14)",
        "(held >= 14",
        "held >=",
        "open('x')",
        "eval(held)",
        "[no_such_limit] > 3",
        "heldd > 3",
        "held is rather set",
        "1 if held",
        "held; held",
    ],
)
def test_what_the_language_does_not_know_is_refused(text: str) -> None:
    with pytest.raises(TableError):
        value(text, held=14)


@pytest.mark.parametrize(
    ("column", "written"),
    [("speaks", "sometimes"), ("hides the ceiling", ""), ("condition", "held >")],
)
def test_a_table_that_cannot_be_read_names_the_row(column: str, written: str) -> None:
    with pytest.raises(TableError, match="hold_when_silent"):
        edited("hold_when_silent", column, lambda _: written)


def test_what_is_decided_cannot_be_asked_before_it_is() -> None:
    with pytest.raises(TableError):
        edited("hold_when_silent", "condition", lambda _: "offer = step")


def test_the_rules_change_no_fact_of_the_day_they_look_at() -> None:
    for day in agreement.random_days(4, 500):
        before = deepcopy(day)
        rules.recommend(day, rules.findings(day), {})
        assert day == before
