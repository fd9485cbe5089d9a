"""What must always hold (the engine's design, 1 to 16), on random plans and histories."""

import ast
import inspect
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume
from hypothesis import strategies as st

from stepwell import catalogue
from stepwell.engine import decide, history, place, rules, wire
from stepwell.engine.case import Case
from stepwell.engine.events import Act, CheckIn, Kind, Safety
from stepwell.engine.history import Today
from stepwell.engine.planner import Shape
from stepwell.engine.protocol import CORE_ITEMS, ITEMS
from stepwell.engine.recommendation import Offer, Recommendation
from tests.engine import histories as made
from tests.engine.cases import (
    LIMITS,
    PROTOCOL,
    Document,
    act,
    answers,
    ask,
    case,
    check_in,
    day,
    draft,
    read,
    replay,
)
from tests.engine.histories import DAYS, Told, always, events, histories, plans, told_case

DAY = timedelta(days=1)
# Days and acts that lead through steps, distress and steps back.
STEPPING: dict[str, Any] = {
    "kinds": ["calm"] * 3 + ["severe"] * 3 + ["high", "best", "none used", "silent"],
    "acts": ["step", "step", "step back", "nothing"],
}


def walk(document: Document) -> Iterator[tuple[Case, Today, Recommendation]]:
    """Each day as it was known at its end: the case so far, the facts, and the answer."""
    whole = read(document)
    looked = history.each_day(whole.plan, whole.events, whole.today)
    for (today, facts), (_, answer) in zip(looked, decide.replay(whole), strict=True):
        told = tuple(event for event in whole.events if event.recorded_on <= today)
        yield Case(whole.plan, told, today), facts, answer


def check_ins(told: Case) -> dict[date, CheckIn]:
    """The check-in that counts for each day: the one recorded last."""
    found = [event for event in told.events if isinstance(event, CheckIn)]
    return {event.on: event for event in sorted(found, key=lambda event: event.arrival)}


def acts(told: Case, *kinds: Kind) -> list[Act]:
    return [event for event in told.events if isinstance(event, Act) and event.kind in kinds]


def clinician_acted(told: Case, on: date, *kinds: Kind) -> bool:
    return any(one.recorded_on == on and one.by_clinician for one in acts(told, *kinds))


# --- 1 to 4 · the ceiling, steps and steps back -----------------------------------------------


@always(histories(), plans(made.WEEKEND))
def test_the_ceiling_never_exceeds_the_baseline(told: list[Told], plan: Document) -> None:
    for now, facts, answer in walk(told_case(told, plan)):
        levels = [level.ceiling_mg for level in now.plan.levels]
        assert facts.snapshot.level_mg <= levels[0]
        if answer.ceiling_mg is not None:
            assert answer.ceiling_mg == facts.snapshot.level_mg
            assert answer.ceiling_mg in levels or answer.between


@always(histories(3, 7, **STEPPING), plans())
def test_the_ceiling_rises_only_by_a_step_back_or_a_clinicians_act(
    told: list[Told], plan: Document
) -> None:
    left: int | None = None
    before = 2650  # the baseline; day 1 is a step too
    for now, facts, _ in walk(told_case(told, {**plan, "levels_mg": made.TO_NONE})):
        here = facts.snapshot.level_mg
        if here > before:
            assert clinician_acted(now, now.today, Kind.SET_LEVEL) or here == left
            left = None  # once per step
        elif here < before:
            left = before
        before = here


@always(histories(acts=["step", "baseline", "level two", "step back"]), plans())
def test_a_level_set_by_a_clinician_is_where_the_plan_goes_on(
    told: list[Told], plan: Document
) -> None:
    for now, facts, _ in walk(told_case(told, plan)):
        started = now.plan.first_day is not None and now.plan.first_day <= now.today
        if started and clinician_acted(now, now.today, Kind.SET_LEVEL):
            set_to = acts(now, Kind.SET_LEVEL)[-1].level
            assert (facts.snapshot.level, facts.snapshot.between) == (set_to, False)
            assert facts.snapshot.days_since_step is None


@always(histories(3, 7, **STEPPING), plans(made.WEEKEND))
def test_no_step_back_is_open_where_it_must_not_be(told: list[Told], plan: Document) -> None:
    stepped_on, before, step_backs = None, None, 0
    for now, facts, answer in walk(told_case(told, plan)):
        here = facts.snapshot.level_mg
        if before is not None and here > before:
            step_backs += 1
        if before is None or here < before:
            stepped_on = now.today if facts.snapshot.started else None
        before = here
        if answer.offer is Offer.STEP_BACK:
            assert stepped_on is not None
            assert (now.today - stepped_on).days <= LIMITS.step_back_within_days.value
            assert free_run(check_ins(now)) < LIMITS.step_back_free_days.value
            assert answer.ceiling_mg is not None
            assert step_backs < LIMITS.step_back_limit.value
            assert not facts.snapshot.red_flags


def free_run(told: dict[date, CheckIn]) -> int:
    """Days from the first to the last told "none" with no use told after it."""
    run: list[date] = []
    for on in sorted(told):
        if told[on].used is not None:
            run = [] if told[on].used else [*run, on]
    return (run[-1] - run[0]).days + 1 if run else 0


@always(histories(), plans(made.WEEKEND))
def test_no_step_opens_from_silence_or_from_days_that_do_not_count(
    told: list[Told], plan: Document
) -> None:
    for now, facts, answer in walk(told_case(told, plan)):
        if answer.offer is not Offer.STEP:
            continue
        days = check_ins(now)
        newest = sorted(days, reverse=True)[: LIMITS.calm_days.value]
        assert len(newest) == LIMITS.calm_days.value
        assert (now.today - newest[-1]).days <= LIMITS.window_days.value
        for on in newest:
            assert set(CORE_ITEMS) <= set(days[on].answers)
            assert days[on].used is not None
            assert not days[on].used or days[on].amount is not None
        assert set(answer.findings) <= {"step_when_settled", "act_was_not_open"}
        assert facts.snapshot.hold is None


@always(histories(kinds=["calm", "not asked about safety", "declined"]), plans())
def test_no_step_opens_with_the_safety_question_open(told: list[Told], plan: Document) -> None:
    for now, facts, answer in walk(told_case(told, plan)):
        said_no = [on for on, one in check_ins(now).items() if one.safety is Safety.NO]
        week = now.today - DAY * LIMITS.safety_days.value
        if facts.snapshot.days_in_plan >= LIMITS.safety_days.value and max(
            said_no, default=date.min
        ) < (week):
            assert answer.offer is not Offer.STEP


# --- 5 · worse answers, silence, and what is left out -----------------------------------------


def never_opens_a_step(better: Document, worse: Document) -> None:
    """On each day until their levels part, no step is open in the worse one alone."""
    for (here, good), (there, bad) in in_step(better, worse):
        if _rung(here) != _rung(there):
            return
        assert not (bad.offer is Offer.STEP and good.offer is not Offer.STEP)


def in_step(*documents: Document) -> Iterator[tuple[tuple[Today, Recommendation], ...]]:
    """The same days of two histories, side by side, from the first day on a level."""
    walked = [
        [(facts, answer) for _, facts, answer in walk(document) if facts.snapshot.started]
        for document in documents
    ]
    yield from zip(*walked, strict=True)


def _rung(facts: Today) -> tuple[int, int]:
    return facts.snapshot.level, facts.snapshot.level_mg


@st.composite
def with_one_check_in(draw: st.DrawFn, /, **of: Any) -> tuple[list[Document], int]:
    """A history's events and the place of one check-in among them."""
    told = events(draw(histories(**of)))
    places = [n for n, one in enumerate(told) if one["kind"] == "check_in"]
    assume(places)
    return told, draw(st.sampled_from(places))


@always(with_one_check_in(), plans(), st.sampled_from(ITEMS), st.integers(1, 10))
def test_worse_answers_never_open_a_step(
    found: tuple[list[Document], int], plan: Document, item: str, worse: int
) -> None:
    told, at = found
    said = told[at]["answers"]
    assume(item in said and said[item] < worse)
    changed = {**told[at], "answers": {**said, item: worse}}
    never_opens_a_step(
        on_last_day(told, plan), on_last_day([*told[:at], changed, *told[at + 1 :]], plan)
    )


def on_last_day(told: list[Document], plan: Document) -> Document:
    last = max(date.fromisoformat(one["recorded_on"]) for one in told)
    return case((last - day(1)).days + 1, told, **plan)


@always(histories(), plans(), st.data())
def test_silence_instead_of_a_calm_day_never_opens_a_step(
    told: list[Told], plan: Document, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(told) - 1))
    best, silent = (
        [*told[:at], told[at]._replace(day=kind, late=0), *told[at + 1 :]]
        for kind in ("best", "silent")
    )
    never_opens_a_step(told_case(best, plan), told_case(silent, plan))


@always(histories(), plans(), st.data())
def test_leaving_out_an_item_never_opens_a_step(
    told: list[Told], plan: Document, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(told) - 1))
    left_out = data.draw(st.sets(st.sampled_from(ITEMS), min_size=1))
    whole = [*told[:at], told[at]._replace(day="best", late=0), *told[at + 1 :]]
    full = told_case(whole, plan)
    less = [
        {**one, "answers": {item: 0 for item in ITEMS if item not in left_out}}
        if one["kind"] == "check_in" and one["on"] == str(day(at + 1))
        else one
        for one in full["events"]
    ]
    never_opens_a_step(full, {**full, "events": less})


# --- 6 · red flags ----------------------------------------------------------------------------

RED = sorted(flag for flag in PROTOCOL.flags if PROTOCOL.freezes(flag))


@always(histories(1, 5), plans(made.WEEKEND), st.sampled_from(RED), st.integers(0, 20), st.data())
def test_a_red_flag_freezes_on_the_day_it_is_told(
    told: list[Told], plan: Document, flag: str, late: int, data: st.DataObject
) -> None:
    on = data.draw(st.integers(1, len(told)))
    flagged = check_in(on - late, on, "23:30", id="flagged", flags=[flag])
    document = told_case(told, plan)
    answer = replay({**document, "events": [*document["events"], flagged]})[str(day(on))]
    assert (answer["offer"], answer["ceiling_mg"]) == ("freeze", None)
    assert flag in {one["key"] for one in answer["escalations"]}


# --- 7, 8 · less use, and holds ---------------------------------------------------------------


@always(
    histories(kinds=["calm", "over", "unsure", "middling", "silent"], acts=["step", "nothing"]),
    plans(),
    st.data(),
)
def test_using_less_never_raises_a_later_ceiling(
    told: list[Told], plan: Document, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(told) - 1))
    more = [*told[:at], told[at]._replace(day="over"), *told[at + 1 :]]
    less = [*told[:at], told[at]._replace(day=data.draw(LESS)), *told[at + 1 :]]
    for (_, low), (_, high) in in_step(told_case(less, plan), told_case(more, plan)):
        if low.ceiling_mg is not None and high.ceiling_mg is not None:
            assert low.ceiling_mg <= high.ceiling_mg


LESS = st.sampled_from(["calm", "none used"])


@always(st.integers(1, 9), st.integers(1, 6), st.sampled_from([3, 4, 7]))
def test_a_hold_moves_every_later_date_by_its_own_length(on: int, length: int, days: int) -> None:
    last = on + length
    told = [one for n in range(1, last + 1) for one in (check_in(n, at="10:00"), act("step", n))]
    held = [*told, act("hold", on, "06:00", days=length)]
    free, moved = (dates(case(last, events, days_per_level=days)) for events in (told, held))
    assert len(moved) > 1
    for level in moved.keys() & free.keys() - {min(moved), min(free)}:
        assert moved[level] == free[level] + DAY * length


def dates(document: Document) -> dict[int, date]:
    way = wire.outlook(document, catalogue.protocols())
    return {one["level"]: date.fromisoformat(one["from"]) for one in way}


@always(histories(3, 7, **STEPPING), plans())
def test_no_level_is_ever_skipped(told: list[Told], plan: Document) -> None:
    before = 0
    for _, facts, _ in walk(told_case(told, plan)):
        assert facts.snapshot.level <= before + 1
        before = facts.snapshot.level


# --- 9 · order, duplicates, replay ------------------------------------------------------------


@always(histories(1, 5), plans(made.WEEKEND), st.randoms(use_true_random=False))
def test_order_and_duplicates_of_arrival_do_not_matter(
    told: list[Told], plan: Document, random: Any
) -> None:
    document = told_case(told, plan)
    doubled = [*document["events"], *document["events"][::2]]
    random.shuffle(doubled)
    assert wire.dumps(ask({**document, "events": doubled})) == wire.dumps(ask(document))


@always(histories(1, 5), plans(made.WEEKEND), st.integers(-3, 40))
def test_a_replay_from_a_day_on_says_what_a_whole_one_says_of_those_days(
    told: list[Told], plan: Document, since: int
) -> None:
    document = told_case(told, plan)
    whole = wire.replay(document, catalogue.protocols())
    from_then = wire.replay(document, catalogue.protocols(), day(since))
    assert from_then == [one for one in whole if one["today"] >= str(day(since))]


@always(histories(1, 5), plans(made.WEEKEND))
def test_a_replay_says_of_each_day_what_was_decided_on_it(told: list[Told], plan: Document) -> None:
    document = told_case(told, plan)
    for today, answer in replay(document).items():
        so_far = [one for one in document["events"] if one["recorded_on"] <= today]
        decided = ask({**document, "events": so_far, "today": today})
        assert wire.dumps({"today": today, **decided}) == wire.dumps(answer)


# --- 10 to 12 · plans -------------------------------------------------------------------------


@st.composite
def requests(draw: st.DrawFn, always_with: tuple[str, ...] = ()) -> Document:
    unit = draw(st.sampled_from([1, 10, 25, 50, 100, 250]))
    amount = draw(st.integers(2, 240)) * unit + draw(st.sampled_from([0, 0, 0, 7]))
    chosen: Document = {
        "baseline": {
            "amount_mg": amount,
            "times_per_day": draw(st.integers(1, 8)),
            "days_per_week": draw(st.integers(1, 7)),
        },
        "smallest_unit_mg": unit,
        "shape": draw(st.sampled_from([shape.value for shape in Shape])),
    }
    optional = {
        "goal_mg": st.integers(0, 60).map(lambda n: n * unit),
        "goal_times_per_day": st.integers(1, 8),
        "goal_days_per_week": st.integers(1, 7),
        "percent": st.integers(1, 60),
        "steps": st.integers(1, 30),
        "days_per_level": st.integers(1, 20),
        "end_by": st.integers(1, 400).map(lambda n: str(day(n))),
        "jump_off_mg": st.integers(1, 12).map(lambda n: n * unit),
        "d50_mg": st.integers(100, 3000),
        "authorised": st.just({"by": "Dr Osei", "reason": "agreed"}),
    }
    for name in {*always_with, *draw(st.sets(st.sampled_from(sorted(optional)), max_size=3))}:
        chosen[name] = draw(optional[name])
    if chosen["shape"] == "custom":
        chosen["levels_mg"] = draw(
            st.lists(st.integers(0, 240).map(lambda n: n * unit), max_size=6)
        )
        chosen.pop("levels_mg") if not chosen["levels_mg"] else None
    return chosen


@always(requests())
def test_every_accepted_plan_falls_ends_and_keeps_its_limits(request: Document) -> None:
    answer = draft(**request)
    if not answer["accepted"]:
        assert all(one["rule"] and one["text"] for one in answer["refusals"])
        return
    levels = answer["levels"]
    for above, below in pairwise(levels):
        assert all(below[lever] <= above[lever] for lever in LEVERS)
        assert any(below[lever] < above[lever] for lever in LEVERS)
        assert sum(below[lever] < above[lever] for lever in LEVERS) == 1  # one lever at a time
    for level in levels[1:-1]:
        whole = level["ceiling_mg"] % request["smallest_unit_mg"] == 0
        assert whole or level["ceiling_mg"] == levels[0]["ceiling_mg"]
    assert levels[-1]["ceiling_mg"] == request.get("goal_mg", levels[-1]["ceiling_mg"])
    assert within_limits(levels, request) or "authorisation" in said_or_needed(answer, request)


LEVERS = ("ceiling_mg", "times_per_day", "days_per_week")


def within_limits(levels: list[Document], request: Document) -> bool:
    jump_off = request.get("jump_off_mg") or max(
        LIMITS.jump_off_mg.value // request["smallest_unit_mg"] * request["smallest_unit_mg"],
        request["smallest_unit_mg"],
    )
    amounts = [level["ceiling_mg"] for level in levels]
    steps = list(pairwise(amounts))
    exempt = [step for step in steps if step[0] <= jump_off and step[1] == amounts[-1]]
    fitting = all(
        (above - below) * 100 <= LIMITS.largest_step_percent.value * above
        for above, below in steps
        if (above, below) not in exempt
    )
    long_enough = all(level["days"] >= LIMITS.shortest_level_days.value for level in levels[1:])
    return fitting and long_enough


def said_or_needed(answer: Document, request: Document) -> list[str]:
    given = "authorised" in request or request["shape"] == "stop_now"
    return [*answer["needs"], *(["authorisation"] if given else [])]


@always(requests(always_with=("end_by",)))
def test_a_plan_is_never_made_faster_to_fit_a_date(request: Document) -> None:
    assume(request["shape"] != "stop_now")
    request.pop("authorised", None)
    answer = draft(**request)
    if answer["accepted"] and "authorisation" not in answer["needs"]:
        assert within_limits(answer["levels"], request)


@always(histories(1, 5), plans(made.WEEKEND))
def test_no_amount_is_shown_for_a_plan_that_was_not_approved(
    told: list[Told], plan: Document
) -> None:
    document = told_case(told, {**plan, "approved": None})
    assert all(answer["ceiling_mg"] is None for answer in replay(document).values())
    way = wire.outlook(document, catalogue.protocols())
    assert all(one["ceiling_mg"] is None and one["from"] is None for one in way)


@always(requests())
def test_what_plan_answers_is_a_draft(request: Document) -> None:
    answer = draft(**request)
    assert answer.get("status", "refused") == ("draft" if answer["accepted"] else "refused")
    assert PROTOCOL.notices["draft"].text == "For a clinician to review. Not to be followed."


@always(
    st.integers(4, 90).map(lambda n: n * 50),
    st.sampled_from(["proportional", "linear", "halving", "equal_occupancy", "stop_now"]),
    st.sampled_from([0, 0, 150]),
    st.sampled_from([2, 3, 7]),
)
def test_calm_days_and_every_offer_taken_reach_the_goal_on_the_earliest_date(
    amount: int, shape: str, goal: int, days: int
) -> None:
    drafted = draft(
        baseline={"amount_mg": amount},
        shape=shape,
        goal_mg=goal,
        days_per_level=days,
        authorised={"by": "Dr Osei", "reason": "agreed"},
    )
    assume(bool(drafted["accepted"]))
    levels = drafted["levels"]
    earliest = date.fromisoformat(drafted["finish"]["earliest"])
    lasts = (earliest - day(1)).days + 1
    told = [check_in(n, at="10:00", amount_mg=0) for n in range(1, lasts + 1)]
    told += [act("step", n, "11:00") for n in range(1, lasts + 1)]
    goes = case(lasts, told, levels=levels, days_per_level=days)
    assert ask(goes)["level"] == len(levels) - 1
    if lasts > 1:
        so_far = [one for one in told if one["on"] < str(earliest)]
        assert ask({**goes, "events": so_far, "today": str(earliest - DAY)})["level"] == (
            len(levels) - 2
        )


# --- 13, 14 · findings and numbers ------------------------------------------------------------


@always(histories(), plans(made.WEEKEND, {"gates": ["pregnancy"]}))
def test_the_decision_is_what_the_findings_say(told: list[Told], plan: Document) -> None:
    sources = {limit.source for limit in limits()} | set(PROTOCOL.sources.values())
    for _, facts, answer in walk(told_case(told, plan)):
        found = list(answer.findings.values())
        assert answer.offer is found[0].offer
        assert (answer.ceiling_mg is None) is any(one.hides_ceiling for one in found)
        assert {one.source for one in found} <= sources
        told_rules = {rule for rule, one in answer.findings.items() if one.tells}
        told_facts = {flag.name for flag in facts.snapshot.flags}
        assert {one.key for one in answer.escalations} <= (
            told_rules | told_facts | {"safety_declined", "asked_to_talk"}
        )


def limits() -> list[Any]:
    return [getattr(LIMITS, name) for name in LIMITS.__dataclass_fields__]


@always(histories(), plans(made.WEEKEND))
def test_every_rule_that_speaks_is_shown(told: list[Told], plan: Document) -> None:
    for _, facts, answer in walk(told_case(told, plan)):
        alone = {rule.__name__ for rule in rules.ONLY_ALONE}
        speaking = {r.__name__ for r in rules.RULES if r(facts.snapshot) is not None} - alone
        assert speaking <= set(answer.findings)


@pytest.mark.parametrize("module", [rules, history, place])
def test_no_number_of_a_rule_stands_in_the_code(module: Any) -> None:
    numbers = {
        node.value
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Constant) and type(node.value) in (int, float)
    }
    the_worst_answer, half_as_large = 10, 2
    assert numbers <= {0, 1, half_as_large, the_worst_answer}


# --- 15, 16 · no dead ends, and what only a clinician ends ------------------------------------

PERSONAS: dict[str, tuple[Document, list[Document | None]]] = {
    "uses at weekends only": (
        made.WEEKEND,
        [{}, {}, *[{"used": False, "amount_mg": None}] * 5],
    ),
    "usual score 6": ({"usual_score": 6}, [{"answers": answers(6)}]),
    "checks in on four days of seven": ({}, [{}, None, {}, None, {}, None, {}]),
    "declines the safety question": ({}, [{"safety": "declined"}]),
    "never says how much": ({}, [{"amount_mg": None}]),
    "skips what is not core": ({}, [{"answers": dict.fromkeys(CORE_ITEMS, 2)}]),
    "tells nothing": ({}, [None]),
    "is never calm": ({}, [{"answers": answers(5)}]),
}


@pytest.mark.parametrize("who", PERSONAS)
def test_nobody_is_left_without_a_way_or_a_person(who: str) -> None:
    plan, week = PERSONAS[who]
    assert moves_on([], plan, week, first=1)


@always(
    histories(
        1,
        3,
        kinds=[kind for kind in DAYS if kind not in ("thoughts", "red flag")],
        acts=[
            "nothing",
            "step",
            "step back",
            "hold two days",
            "talk",
            "reviewed",
            "resume",
        ],
    ),
    st.sampled_from(sorted(PERSONAS)),
)
def test_no_state_is_a_dead_end(told: list[Told], who: str) -> None:
    plan, week = PERSONAS[who]
    assert moves_on(events(told), plan, week, first=len(told) + 1)


def moves_on(before: list[Document], plan: Document, week: list[Any], first: int) -> bool:
    """In 32 days the plan goes down, or is at its goal, or somebody of the team is called."""
    lasts = range(first, first + 32)
    told = [check_in(n, **changes) for n in lasts if (changes := week[n % len(week)]) is not None]
    steps = [act("step", n) for n in lasts]
    document = case(lasts[-1], [*before, *told, *steps], **plan)
    days = [answer for today, answer in replay(document).items() if today >= str(day(first))]
    called = any(answer["escalations"] for answer in days)
    goal = len(document["plan"]["levels"]) - 1
    return called or days[-1]["level"] in {days[0]["level"] + 1, goal}


STANDING = {
    "freeze_on_red_flag": {Kind.RESUME},
    "freeze_when_a_clinician_froze": {Kind.RESUME},
    "pause_when_silent_for_long": {Kind.RESUME, Kind.REVIEWED, Kind.SET_LEVEL},
    "lapse": {Kind.RESUME, Kind.REVIEWED, Kind.SET_LEVEL},
    "review_after_two_step_backs": {Kind.REVIEWED, Kind.SET_LEVEL},
    "review_when_bladder_liver_or_weight_is_worse": {Kind.REVIEWED, Kind.SET_LEVEL},
    "review_when_a_routine_flag_repeats": {Kind.REVIEWED, Kind.SET_LEVEL},
    "review_when_held_for_long": {Kind.REVIEWED, Kind.SET_LEVEL},
}
LAPSES = {"finish_when_ketamine_free", "review_when_tolerance_has_fallen"}


def standing(answer: Recommendation) -> set[str]:
    lapsed = {"lapse"} if LAPSES & set(answer.findings) else set()
    return lapsed | (set(answer.findings) & set(STANDING))


@always(
    histories(
        2,
        5,
        longest=15,
        kinds=["silent"] * 6 + ["none used"] * 3 + [*DAYS],
        acts=[
            *["nothing"] * 20,
            "hold",
            "worse bladder",
            "freeze",
            "step",
            "step back",
            "talk",
            "resume by the person",
            "resume",
            "reviewed",
            "level two",
        ],
    ),
    plans(made.WEEKEND),
)
def test_a_lapse_a_freeze_a_pause_and_a_review_end_only_by_a_clinicians_act(
    told: list[Told], plan: Document
) -> None:
    before: set[str] = set()
    for now, _, answer in walk(told_case(told, plan)):
        here = standing(answer)
        for rule in before - here:
            assert clinician_acted(now, now.today, *STANDING[rule]), rule
        before = here


# --- the large budget -------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(made.ALWAYS))
def test_it_holds_on_many_more_histories(name: str) -> None:
    made.ALWAYS[name]()
