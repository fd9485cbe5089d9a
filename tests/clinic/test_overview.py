"""A manager's numbers: about everybody, and no way from them to one person."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic import clock
from stepwell.clinic.accounts import consents, people
from stepwell.clinic.accounts.models import ConsentKind, Role, Service, User
from stepwell.clinic.care import access, episodes, outcomes, overview
from stepwell.clinic.care.models import Baseline, Episode, Event, Goal, PlanVersion, Supply
from tests.clinic.person.pages import text
from tests.conftest import MONDAY

BELOW, DAY = 5, timedelta(days=1)
AT = MONDAY + timedelta(days=120)
counts = st.integers(0, 400)


@pytest.fixture(autouse=True)
def stopped(now: clock.Stopped) -> None:
    """No page here ever reads a real clock."""


def value(by: User, name: str) -> int | None:
    found = {figure.name: figure.value for figure in overview.page(by, AT).figures}
    return found[name]


def open_one(service: Service, sam: User, number: int, *, lasted: int | None = None) -> Episode:
    person = people.create(
        service=service,
        username=f"p{number}",
        display_name=f"P{number}",
        role=Role.PERSON,
        at=MONDAY,
    )
    consents.set(person, ConsentKind.STORE, given=True, by=person, at=MONDAY)
    made = episodes.open(
        person=person,
        keyworker=sam,
        supply=Supply.NON_PRESCRIBED,
        goal=Goal.NONE,
        by=sam,
        at=MONDAY,
    )
    if lasted is not None:
        made.closed_at = MONDAY + timedelta(days=lasted)
        made.save(update_fields=["closed_at"])
    return made


# --- what may be shown --------------------------------------------------------------------------


@given(counts)
def test_a_small_count_is_hidden_and_a_shown_one_is_near(count: int) -> None:
    shown = overview.hide(count, BELOW)
    assert (shown is None) == (count < BELOW)
    assert shown is None or (shown % BELOW == 0 and abs(shown - count) < BELOW)


def test_a_small_rest_of_a_whole_cannot_be_had_by_subtraction() -> None:
    """For every pair that is shown, a small rest looks as one does that is none, or not small."""
    seen: dict[tuple[int | None, int | None], set[int]] = {}
    for whole in range(121):
        for part in range(whole + 1):
            shown = overview.hide(whole, BELOW), overview.hide(part, BELOW)
            seen.setdefault(shown, set()).add(whole - part)
    for rests in seen.values():
        assert len(rests) > 1
        small = {rest for rest in rests if 0 < rest < BELOW}
        assert not small or len(rests - small) > 0


@given(counts, counts)
def test_a_share_never_stands_on_a_few(part: int, rest: int) -> None:
    shown = overview.share(part, part + rest, BELOW)
    if min(part, rest) < BELOW:
        assert shown is None
    elif shown is not None:
        assert shown % overview.SHARE_STEP == 0


@given(st.lists(st.integers(0, 1000)))
def test_a_middle_needs_as_many_as_a_count(values: list[int]) -> None:
    assert (overview.middle(values, BELOW) is None) == (len(values) < BELOW)


# --- what is counted ----------------------------------------------------------------------------


def test_of_one_person_nothing_is_shown(agreed_plan: PlanVersion, mo: User) -> None:
    assert {figure.value for figure in overview.page(mo, AT).figures} == {None}


def test_people_are_counted_and_those_who_stayed(service: Service, sam: User, mo: User) -> None:
    for number in range(14):
        open_one(service, sam, number, lasted=20 if number < 6 else None)
    assert value(mo, "open_episodes") == 10
    assert value(mo, "still_here_after_90_days") == 55


def test_another_services_people_are_not_counted(
    service: Service, other_service: Service, sam: User, mo: User
) -> None:
    worker = people.create(
        service=other_service, username="w", display_name="W", role=Role.KEYWORKER, at=MONDAY
    )
    for number in range(8):
        open_one(other_service, worker, number)
    assert value(mo, "open_episodes") is None


def test_the_page_says_how_it_hides(client: Client, service: Service, mo: User) -> None:
    client.force_login(mo)
    said = text(client.get("/team/overview"))
    assert "Counts below 5 are hidden and the others rounded to 5" in said
    assert "too few to say" in said


def test_nobody_else_sees_it(sam: User, dr_osei: User, ada: User, rowan: User) -> None:
    for other in (sam, dr_osei, ada, rowan):
        with pytest.raises(access.NotFound):
            overview.page(other, AT)


# --- outcomes -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Life:
    """Somebody on a plan: days of use of a week before it, and what they told of the last days."""

    before: int
    used: int
    free: int
    unsure: int = 0


def on_a_plan(service: Service, sam: User, number: int, life: Life) -> Episode:
    episode = open_one(service, sam, number)
    PlanVersion.objects.create(**PLAN, service=service, episode=episode, drafted_by=sam)
    given = {"service": service, "episode": episode, "recorded_by": sam, "at": MONDAY}
    Baseline.objects.create(
        **given,
        amount_low_mg=1000,
        amount_high_mg=1000,
        times_per_day=1,
        days_per_week=life.before,
        smallest_unit_mg=50,
        sequence=1,
    )
    answers = [True] * life.used + [False] * life.free + [None] * life.unsure
    for day, used in enumerate(answers):
        told(episode, AT.date() - timedelta(days=day), day + 2, used=used)
    return episode


def told(episode: Episode, on: date, sequence: int, *, used: bool | None) -> None:
    Event.objects.create(
        service_id=episode.service_id,
        episode=episode,
        sequence=sequence,
        event_id=f"{on} {sequence}",
        kind="check_in",
        on=on,
        recorded_on=on,
        recorded=AT,
        time_zone="Europe/London",
        by_user=episode.person,
        by="person",
        body={"used": used},
    )


PLAN: dict[str, Any] = {
    "version": 1,
    "request": {},
    "levels": [],
    "protocol_name": "ketamine",
    "protocol_version": "1.0.0",
    "usual_score": 2,
    "review_by": AT.date() + timedelta(days=1),
    "rationale": "Made up.",
    "stop_now_discussed": True,
    "drafted_at": MONDAY,
    "drafted_sequence": 1,
    "approved_at": MONDAY,
    "agreed_at": MONDAY,
}


def changes(service: Service) -> list[tuple[float, float]]:
    return [(one.before, one.now) for one in outcomes.days_of_use(service, AT)]


def test_days_of_use_are_counted_of_the_days_told_and_set_against_the_baseline(
    service: Service, sam: User
) -> None:
    on_a_plan(service, sam, 1, Life(before=7, used=7, free=14))
    [(before, now)] = changes(service)
    assert before == 28
    assert now == pytest.approx(28 / 3)


def test_whoever_told_less_than_half_of_the_days_is_in_no_outcome(
    service: Service, sam: User
) -> None:
    """A day that was told without saying whether there was use is not known either."""
    on_a_plan(service, sam, 1, Life(before=7, used=0, free=13, unsure=10))
    assert changes(service) == []
    on_a_plan(service, sam, 2, Life(before=7, used=0, free=14))
    assert changes(service) == [(28, 0)]


def test_a_day_that_was_put_right_counts_once_and_as_it_was_told_last(
    service: Service, sam: User
) -> None:
    episode = on_a_plan(service, sam, 1, Life(before=7, used=1, free=13))
    told(episode, AT.date(), 99, used=False)
    assert changes(service) == [(28, 0)]


@pytest.mark.parametrize(("fewer", "more", "shown"), [(4, 9, None), (9, 4, None), (9, 6, 60)])
def test_the_share_that_uses_on_fewer_days_never_stands_on_a_few(
    fewer: int, more: int, shown: int | None, service: Service, sam: User, mo: User
) -> None:
    for number in range(fewer):
        on_a_plan(service, sam, number, Life(before=7, used=2, free=12))
    for number in range(fewer, fewer + more):
        on_a_plan(service, sam, number, Life(before=1, used=12, free=2))
    assert value(mo, "use_on_fewer_days") == shown


def test_a_plan_past_its_review_date_is_counted(service: Service, sam: User, mo: User) -> None:
    for number in range(5):
        on_a_plan(service, sam, number, Life(before=7, used=0, free=14))
    assert value(mo, "past_their_review_date") is None
    later = {figure.name: figure.value for figure in overview.page(mo, AT + 2 * DAY).figures}
    assert later["past_their_review_date"] == 5


@given(st.lists(st.tuples(st.integers(0, 28), st.integers(0, 28)), max_size=30), st.data())
def test_one_person_more_moves_no_share_from_hidden_to_telling(
    people_: list[tuple[int, int]], data: st.DataObject
) -> None:
    """Whoever knows everybody but one learns no more from the share than its rounding says."""
    found = [outcomes.Change(before, now) for before, now in people_]
    one = outcomes.Change(*data.draw(st.tuples(st.integers(0, 28), st.integers(0, 28))))
    other = replace(one, now=28 - one.now)
    shares = [
        overview.share(sum(c.fewer for c in all_), len(all_), BELOW)
        for all_ in ([*found, one], [*found, other])
    ]
    if None not in shares:
        first, second = shares
        assert abs((first or 0) - (second or 0)) <= 2 * overview.SHARE_STEP
