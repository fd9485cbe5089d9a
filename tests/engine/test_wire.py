"""JSON in, JSON out: the same answer is the same bytes, and every fault has its path."""

import json
import re
from typing import Any

import pytest

from stepwell import catalogue
from stepwell.engine import decide, wire
from stepwell.engine.errors import Fault, InputError
from stepwell.engine.events import Act
from stepwell.engine.plan import Supply
from stepwell.engine.planner import Shape
from tests.engine.cases import (
    CALM,
    LIMITS,
    PROTOCOL,
    Document,
    act,
    answers,
    ask,
    by_prescriber,
    calm,
    case,
    check_in,
    day,
    draft,
    none_used,
    read,
    replay,
    spoke,
)

STEPPED = case(8, [*calm(1, 8), act("step", 8)])


def paths(document: Document) -> list[str]:
    with pytest.raises(InputError) as refused:
        ask(document)
    return [fault.path for fault in refused.value.faults]


# --- the same bytes ---------------------------------------------------------------------------


def test_the_same_case_gives_the_same_bytes() -> None:
    again = json.loads(json.dumps(STEPPED))
    assert wire.dumps(ask(STEPPED)) == wire.dumps(ask(again))


def test_the_order_and_the_number_of_arrivals_do_not_matter() -> None:
    backwards = {**STEPPED, "events": [*reversed(STEPPED["events"]), *STEPPED["events"]]}
    assert wire.dumps(ask(backwards)) == wire.dumps(ask(STEPPED))


def test_the_order_of_keys_does_not_matter() -> None:
    turned = {key: STEPPED[key] for key in reversed(STEPPED)}
    assert wire.digest(turned) == wire.digest(STEPPED)
    assert wire.dumps(ask(turned)) == wire.dumps(ask(STEPPED))


def test_a_digest_is_of_the_canonical_bytes() -> None:
    assert wire.digest({"b": 1, "a": "é"}) == wire.digest({"a": "é", "b": 1})
    assert wire.digest({"a": 1}) != wire.digest({"a": 2})
    assert wire.dumps({"b": 1, "a": "é"}) == '{\n  "a": "é",\n  "b": 1\n}\n'
    assert len(wire.digest({})) == 64


def test_a_replay_ends_with_the_answer_of_the_case() -> None:
    last = replay(STEPPED)[STEPPED["today"]]
    assert wire.dumps(last) == wire.dumps({"today": STEPPED["today"], **ask(STEPPED)})


def test_a_replay_begins_with_the_first_event_or_the_start() -> None:
    assert next(iter(replay(case(2, [check_in(-1)])))) == str(day(-1))
    assert next(iter(replay(case(3, calm(2, 3))))) == str(day(1))
    assert list(replay(case(-3, []))) == [str(day(-3))]
    assert list(replay(case(2, [], start=None))) == [str(day(2))]


def test_a_replay_tells_each_day_what_had_been_told_by_its_end() -> None:
    late = replay(case(9, [*calm(1, 4), *(check_in(n, 9) for n in range(5, 9))]))
    assert (late[str(day(8))]["offer"], late[str(day(9))]["offer"]) == ("hold", "step")


# --- what goes out ----------------------------------------------------------------------------


def test_an_answer_has_the_parts_of_the_contract() -> None:
    assert list(ask(STEPPED)) == [
        "offer",
        "also",
        "level",
        "ceiling_mg",
        "next_step_on",
        "escalations",
        "findings",
        "engine",
        "protocol",
    ]
    assert set(ask(STEPPED)["findings"][0]) == {"rule", "offer", "seen", "limit", "source"}
    assert ask(STEPPED)["engine"] == decide.VERSION
    assert re.fullmatch(r"\d+\.\d+\.\d+", decide.VERSION)
    assert wire.SCHEMA_VERSION == 1
    assert ask(STEPPED)["protocol"] == {"name": "ketamine", "version": PROTOCOL.version}


def test_between_is_said_only_where_it_is_true() -> None:
    high = [check_in(n, answers=answers(7)) for n in (3, 4)]
    halved = case(11, [*calm(1, 2), *high, *calm(5, 10), act("step", 10), check_in(11)])
    assert ask(halved)["between"] is True
    assert "between" not in ask(STEPPED)
    way = wire.outlook(halved, catalogue.protocols())
    assert [one["between"] for one in way] == [True, False, False, False]


def test_a_whole_mean_is_written_without_a_point() -> None:
    assert '"seen": 2,' in wire.dumps(ask(case(8, calm(1, 8))))


def test_what_was_seen_is_written_as_plain_json() -> None:
    thirds = {"craving": 1, "anxiety": 1, "mood": 1, "irritability": 2}
    seen = {
        "step_when_settled": ask(case(8, [*calm(1, 7), check_in(8, answers=thirds)])),
        "hold_when_somebody_took_a_hold": ask(case(2, [act("hold", 2)])),
        "freeze_when_a_clinician_froze": ask(case(2, [by_prescriber("freeze", 2)])),
        "freeze_on_red_flag": ask(case(2, [check_in(2, flags=["fainting"])])),
    }
    found = {rule: answer["findings"][0]["seen"] for rule, answer in seen.items()}
    assert found == {
        "step_when_settled": 1.75,
        "hold_when_somebody_took_a_hold": "person",
        "freeze_when_a_clinician_froze": str(day(2)),
        "freeze_on_red_flag": ["fainting"],
    }


def test_the_outlook_begins_today_and_ends_at_the_goal() -> None:
    way = wire.outlook(STEPPED, catalogue.protocols())
    assert [one["level"] for one in way] == [2, 3, 4]
    assert [one["from"] for one in way] == [str(day(8)), str(day(15)), str(day(22))]
    assert [one["ceiling_mg"] for one in way] == [2100, 1900, 0]


def test_the_outlook_uses_the_days_of_each_level() -> None:
    levels = [{"ceiling_mg": 900, "days": days} for days in (0, 7, 10, 4)]
    for number, level in enumerate(levels):
        level["ceiling_mg"] = 900 - 100 * number
    way = wire.outlook(case(1, [], levels=levels), catalogue.protocols())
    assert [one["from"] for one in way] == [str(day(1)), str(day(8)), str(day(18))]


def test_a_frozen_outlook_shows_levels_without_amounts_or_dates() -> None:
    frozen = case(2, [check_in(2, flags=["fainting"])])
    for one in wire.outlook(frozen, catalogue.protocols()):
        assert (one["ceiling_mg"], one["from"]) == (None, None)


def test_a_level_carries_its_times_and_days() -> None:
    levels = [
        {"ceiling_mg": 900, "times_per_day": 4, "days_per_week": 5},
        {"ceiling_mg": 800, "times_per_day": 3, "days_per_week": 5},
    ]
    way = wire.outlook(case(1, [], levels=levels), catalogue.protocols())
    assert [(one["times_per_day"], one["days_per_week"]) for one in way] == [(3, 5)]


# --- what comes in ----------------------------------------------------------------------------


def test_what_is_left_out_has_the_default_of_the_protocol() -> None:
    plan = read(
        {
            "plan": {"levels": [{"ceiling_mg": 500}, {"ceiling_mg": 0}]},
            "events": [],
            "today": str(day(1)),
        }
    ).plan
    assert (plan.version, plan.usual_score, plan.days_per_level) == (1, 2, 7)
    assert (plan.smallest_unit_mg, plan.goal_mg, plan.gates) == (50, 0, ())
    assert plan.person_may == {"hold", "step"}
    assert (plan.start, plan.approved, plan.review_by) == (None, None, None)
    assert plan.first_day is None


def test_a_case_is_read_from_every_field_of_its_plan() -> None:
    told = {"version": 4, "days_per_level": 3, "smallest_unit_mg": 10, "usual_score": 5}
    plan = read(case(1, [], **told)).plan
    assert {name: getattr(plan, name) for name in told} == told


def test_an_act_says_nothing_of_an_organ_unless_it_is_told() -> None:
    (step,) = read(case(1, [act("step", 1)])).events
    assert isinstance(step, Act)
    assert (step.organ, step.worse) == (None, False)


def test_a_check_in_without_answers_is_read() -> None:
    bare = check_in(1)
    del bare["answers"]
    assert ask(case(1, [bare])) == ask(case(1, [check_in(1, answers={})]))


def test_null_is_the_same_as_left_out() -> None:
    bare = {**check_in(1), "times": None, "safety": None, "amount_mg": None, "used": None}
    left_out = {key: value for key, value in bare.items() if value is not None}
    assert ask(case(1, [bare])) == ask(case(1, [left_out]))
    silent_item = check_in(1, answers={**CALM, "sleep": None})
    six = {item: told for item, told in CALM.items() if item != "sleep"}
    assert ask(case(1, [silent_item])) == ask(case(1, [check_in(1, answers=six)]))


def test_one_amount_is_a_range_of_itself() -> None:
    assert ask(case(1, [check_in(1, amount_mg=500)])) == ask(
        case(1, [check_in(1, amount_mg=[500, 500])])
    )


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (case(1, [], protocol="alcohol"), ["plan.protocol"]),
        (case(1, [], levels_mg=(500, 600)), ["plan.levels[1]"]),
        (case(1, [], goal_mg=500), ["plan.goal_mg"]),
        (case(1, [], gates=["tall"]), ["plan.gates[0]"]),
        (case(1, [check_in(1, flags=["cough", "cramps"])]), ["events[0].flags[0]"]),
        (case(1, [check_in(1, amount_mg=[2, 1])]), ["events[0].amount_mg"]),
        (case(1, [check_in(1, amount_mg=[2, 40000])]), ["events[0].amount_mg"]),
        (case(1, [none_used(1, times=3)]), ["events[0].used"]),
        (case(1, [none_used(1, amount_mg=[0, 10])]), ["events[0].used"]),
        (case(1, [check_in(2)]), ["events[0].on"]),
        (case(2, [check_in(1, 3)]), ["events[0].recorded_on"]),
        (case(3, [check_in(3, 2)]), ["events[0].recorded_on"]),
        (case(1, [by_prescriber("set_level", 1, level=5)]), ["events[0].level"]),
        (case(1, [check_in(1, id="a"), check_in(1, id="a", times=1)]), ["events[1].id"]),
        (case(4000, calm(1, 1)), ["events[0].on", "plan.start"]),
    ],
)
def test_what_cannot_be_true_is_named(document: Document, expected: list[str]) -> None:
    assert paths(document) == expected


def test_every_fault_is_named_not_only_the_first() -> None:
    wrong = case(1, [check_in(1, flags=["cough"]), check_in(1, at="21:00", amount_mg=[2, 1])])
    assert paths({**wrong, "plan": {**wrong["plan"], "gates": ["tall"]}}) == [
        "plan.gates[0]",
        "events[0].flags[0]",
        "events[1].amount_mg",
    ]


def test_the_largest_amount_ever_reported_is_read_and_a_larger_one_is_not() -> None:
    most = LIMITS.amount_max_mg.value
    assert ask(case(1, [check_in(1, amount_mg=most)]))["offer"] == "stay"
    assert paths(case(1, [check_in(1, amount_mg=most + 1)])) == ["events[0].amount_mg"]


def test_what_is_more_than_ten_years_ago_is_refused() -> None:
    longest = 3653
    assert read(case(longest + 1, [check_in(1)], start=str(day(1))))
    assert paths(case(longest + 2, [check_in(1)], start=str(day(2)))) == ["events[0].on"]
    assert paths(case(longest + 2, [check_in(2)], start=str(day(1)))) == ["plan.start"]


def test_none_used_with_an_amount_of_nothing_is_fine() -> None:
    assert spoke(ask(case(1, [none_used(1, amount_mg=0, times=0)])))


def test_an_unknown_protocol_is_refused_for_a_plan_too() -> None:
    with pytest.raises(InputError, match="there is no protocol") as refused:
        draft(protocol="alcohol")
    assert [fault.path for fault in refused.value.faults] == ["protocol"]


def test_supply_is_not_prescribed_unless_it_is_said() -> None:
    document = {"start": str(day(1)), "baseline": {"amount_mg": 900}}
    request = wire.read_request(document, catalogue.protocols())
    assert (request.supply, request.shape) == (Supply.NON_PRESCRIBED, Shape.PROPORTIONAL)


def test_every_fault_stands_on_a_line_of_its_own() -> None:
    error = InputError([Fault("", "is empty"), Fault("plan.start", "is missing")])
    assert str(error) == "(all): is empty\nplan.start: is missing"


def test_a_plan_is_read_from_every_field_of_its_request() -> None:
    request = wire.read_request(
        {
            "protocol": "ketamine",
            "supply": "prescribed",
            "start": "2026-12-01",
            "baseline": {"amount_mg": 900, "times_per_day": 3, "days_per_week": 5},
            "shape": "custom",
            "levels_mg": [800, 700],
            "end_by": "2027-01-01",
            "d50_mg": 700,
            "authorised": {"by": "Dr Osei", "reason": "agreed"},
            "confirmed": {"by": "Dr Osei", "reason": "asked"},
        },
        catalogue.protocols(),
    )
    assert request.supply.value == "prescribed"
    assert (request.levels_mg, request.d50_mg) == ((800, 700), 700)
    assert (request.authorised, request.confirmed) != (None, None)
    assert str(request.end_by) == "2027-01-01"


def test_a_refusal_is_an_answer() -> None:
    answer = draft(goal_mg=9000)
    assert answer["accepted"] is False
    assert set(answer["refusals"][0]) == {"rule", "path", "text"}
    any_: Any = answer
    assert json.loads(wire.dumps(any_)) == answer
