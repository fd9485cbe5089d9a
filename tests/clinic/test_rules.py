"""What a service sets for itself: its hours, its ladder, its promise, and who is on duty."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.accounts.models import Service, User
from stepwell.clinic.audit.models import Entry
from stepwell.clinic.care import access, duty, escalations, filed, hours, queries, rules, thresholds
from stepwell.clinic.care.hours import Hours
from stepwell.clinic.care.models import (
    Episode,
    Escalation,
    Lane,
    PlanVersion,
    RulesChange,
)
from tests.conftest import MONDAY, Tell, evening

DAY_ONE = date(2026, 12, 1)
WEEKDAYS = Hours(frozenset({1, 2, 3, 4, 5}), time(9), time(17))
LONDON = "Europe/London"


def at(day: str, hour: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour}:00+00:00")


# --- hours --------------------------------------------------------------------------------------


def test_a_promise_made_on_friday_evening_goes_on_on_monday() -> None:
    """Friday 27 November 2026, ten minutes before the end: the other twenty are Monday's."""
    early = hours.before(WEEKDAYS, LONDON, at("2026-11-30", "09:19"), 30)
    assert early == at("2026-11-27", "16:49")
    assert hours.before(WEEKDAYS, LONDON, at("2026-11-30", "09:20"), 30) == at(
        "2026-11-27", "16:50"
    )
    assert hours.before(WEEKDAYS, LONDON, at("2026-11-29", "12:00"), 30) == at(
        "2026-11-27", "16:30"
    )


def test_a_duty_lasts_until_the_hours_end_that_go_on_or_come_next() -> None:
    assert hours.until(WEEKDAYS, LONDON, at("2026-11-30", "10:00")) == at("2026-11-30", "17:00")
    assert hours.until(WEEKDAYS, LONDON, at("2026-11-27", "17:00")) == at("2026-11-30", "17:00")
    assert not hours.are_open(WEEKDAYS, LONDON, at("2026-11-27", "17:00"))
    assert hours.are_open(WEEKDAYS, LONDON, at("2026-11-27", "16:59"))


def test_while_the_door_is_shut_it_is_known_when_it_opens() -> None:
    assert hours.next_open(WEEKDAYS, LONDON, at("2026-11-30", "10:00")) is None
    shut = [at("2026-11-27", "17:00"), at("2026-11-29", "03:00"), at("2026-11-30", "08:59")]
    for instant in shut:
        assert hours.next_open(WEEKDAYS, LONDON, instant) == at("2026-11-30", "09:00")


def test_whoever_is_there_too_seldom_promises_nothing() -> None:
    one_hour = Hours(frozenset({1}), time(9), time(9, 1))
    assert hours.before(one_hour, LONDON, at("2026-11-30", "10:00"), 480) is None


@given(
    days=st.frozensets(st.integers(1, 7), min_size=1),
    opens=st.integers(0, 22),
    zone=st.sampled_from([LONDON, "Asia/Hong_Kong", "America/New_York", "Pacific/Auckland"]),
    instant=st.integers(0, 2 * 365 * 24 * 60).map(lambda n: MONDAY + timedelta(minutes=n)),
    minutes=st.integers(1, 480),
)
def test_as_many_minutes_were_open_as_were_promised(
    days: frozenset[int], opens: int, zone: str, instant: datetime, minutes: int
) -> None:
    """Counted minute by minute by somebody who only asks whether the door is open."""
    found = hours.before(here := Hours(days, time(opens), time(23)), zone, instant, minutes)
    if found is None:
        return
    counted = sum(hours.are_open(here, zone, one) for one in minutes_between(found, instant))
    assert counted == minutes
    assert hours.are_open(here, zone, found)


def minutes_between(first: datetime, last: datetime) -> Iterator[datetime]:
    while first < last:
        yield first
        first += timedelta(minutes=1)


# --- duty ---------------------------------------------------------------------------------------


@pytest.fixture
def promised(service: Service) -> Service:
    Service.objects.filter(pk=service.pk).update(promise_minutes=30)
    service.refresh_from_db()
    return service


def late(user: User, when: datetime) -> list[str]:
    user = User.objects.select_related("service").get(pk=user.pk)
    return [card.person for card in filed.team_day(user, when).unowned]


def test_a_signal_that_nobody_takes_goes_to_whoever_is_on_duty(
    promised: Service, agreed_plan: PlanVersion, tell: Tell, sam: User, dr_osei: User
) -> None:
    tell(DAY_ONE, at=at("2026-12-01", "10:00"), flags=["jaundice"])
    duty.take(promised, sam, by=dr_osei, at=at("2026-12-01", "09:00"))
    assert late(sam, at("2026-12-01", "10:29")) == []
    assert late(sam, at("2026-12-01", "10:30")) == ["Rowan"]
    found = duty.on_duty(promised, at("2026-12-01", "10:30"))
    assert found is not None
    assert (found.who, found.until) == (sam, at("2026-12-01", "17:00"))
    escalations.acknowledge(Escalation.objects.get(), by=sam, at=at("2026-12-01", "10:31"))
    assert late(sam, at("2026-12-01", "12:00")) == []


def test_out_of_hours_a_signal_waits_for_the_morning_and_is_late_then(
    promised: Service, agreed_plan: PlanVersion, tell: Tell, sam: User
) -> None:
    tell(DAY_ONE, at=evening(DAY_ONE), flags=["jaundice"])
    assert late(sam, at("2026-12-02", "09:29")) == []
    assert late(sam, at("2026-12-02", "09:30")) == ["Rowan"]


def test_of_two_signals_the_one_that_nobody_took_counts(
    promised: Service, agreed_plan: PlanVersion, tell: Tell, sam: User
) -> None:
    tell(DAY_ONE, at=at("2026-12-01", "10:00"), flags=["jaundice"])
    escalations.acknowledge(Escalation.objects.get(), by=sam, at=at("2026-12-01", "10:05"))
    tell(DAY_ONE, at=at("2026-12-01", "11:00"), event_id="2", flags=["jaundice", "fever"])
    opened = Escalation.objects.filter(acknowledged_at=None)
    assert opened.exists() == bool(late(sam, at("2026-12-01", "16:00")))


def test_without_a_promise_nothing_is_late(agreed_plan: PlanVersion, tell: Tell, sam: User) -> None:
    tell(DAY_ONE, flags=["jaundice"])
    assert late(sam, at("2026-12-20", "12:00")) == []


def test_a_duty_ends_with_its_hours_or_when_somebody_leaves(
    service: Service, sam: User, dr_osei: User
) -> None:
    duty.take(service, sam, by=sam, at=MONDAY)
    assert duty.on_duty(service, at("2026-11-30", "17:00")) is None
    duty.take(service, dr_osei, by=sam, at=MONDAY + timedelta(hours=1))
    assert duty.on_duty(service, MONDAY) is not None
    newest = duty.on_duty(service, MONDAY + timedelta(hours=2))
    assert newest is not None
    assert newest.who == dr_osei
    User.objects.filter(pk=dr_osei.pk).update(is_active=False)
    assert duty.on_duty(service, MONDAY + timedelta(hours=2)) is None


@pytest.mark.parametrize("name", ["ines", "mo", "ada", "rowan"])
def test_only_a_clinical_colleague_can_be_on_duty(
    name: str, cast: dict[str, User], service: Service
) -> None:
    with pytest.raises(access.NotFound):
        duty.take(service, cast[name], by=cast["sam"], at=MONDAY)
    with pytest.raises(access.NotFound):
        duty.take(service, cast["sam"], by=cast[name], at=MONDAY)


# --- rules --------------------------------------------------------------------------------------


@pytest.fixture
def silent(agreed_plan: PlanVersion, tell: Tell) -> datetime:
    """Rowan told on day one; four days of silence have gone by."""
    tell(DAY_ONE)
    return evening(DAY_ONE + timedelta(days=5)) - timedelta(hours=11)


def test_a_preview_names_the_cards_that_would_come_and_go_and_changes_nothing(
    silent: datetime, service: Service, dr_osei: User
) -> None:
    sooner = replace(thresholds.of(service), call=4)
    effect = rules.preview(dr_osei, sooner, silent)
    assert [(card.person, card.suggested) for card in effect.come] == [("Rowan", "call")]
    assert [(card.person, card.suggested) for card in effect.go] == [("Rowan", "nudge")]
    assert (effect.of, effect.is_everybody) == (1, True)
    (card,) = queries.lanes(dr_osei, silent)[Lane.QUIET]
    assert card.suggested == "nudge"
    assert thresholds.of(service) == thresholds.shipped(service)


def test_what_was_previewed_is_what_the_rules_then_do(
    silent: datetime, service: Service, dr_osei: User
) -> None:
    sooner = replace(thresholds.of(service), call=4)
    queries.lanes(dr_osei, silent)
    foreseen = rules.preview(dr_osei, sooner, silent).come
    rules.change(sooner, reason="Many moved.", by=dr_osei, at=silent)
    assert tuple(queries.lanes(dr_osei, silent)[Lane.QUIET]) == foreseen


def test_rules_keep_who_set_them_and_what_counted_before(
    service: Service, dr_osei: User, silent: datetime
) -> None:
    first = replace(thresholds.of(service), call=4, promise_minutes=60, days=(1, 2, 3, 4))
    rules.change(first, reason="Many moved.", by=dr_osei, at=silent)
    rules.change(replace(first, call=5), reason="Too many.", by=dr_osei, at=silent)
    found = thresholds.in_force(service)
    assert (found.rules.call, found.by, found.reason) == (5, "Dr Osei", "Too many.")
    assert [row.values["call"] for row in RulesChange.objects.order_by("number")] == [4, 5]
    assert Entry.objects.filter(action="rules.change", actor_name="Dr Osei").count() == 2
    service.refresh_from_db()
    assert (service.promise_minutes, service.hours) == (60, "Mon to Thu, 09:00 to 17:00")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"call": 2}, "call"),
        ({"call": 8, "second_channel": 9}, "call"),
        ({"call": 7, "second_channel": 7}, "second_channel"),
        ({"team_discussion": 14}, "team_discussion"),
        ({"baseline_days": 3}, "baseline_days"),
        ({"promise_minutes": 1}, "promise_minutes"),
        ({"days": ()}, "days"),
        ({"opens": "17:00", "closes": "09:00"}, "closes"),
    ],
)
def test_rules_beyond_their_bounds_are_refused_by_field(
    wrong: dict[str, Any], field: str, service: Service, dr_osei: User
) -> None:
    with pytest.raises(rules.NotAllowed) as refused:
        rules.change(replace(thresholds.of(service), **wrong), reason="x", by=dr_osei, at=MONDAY)
    assert refused.value.field == field
    assert not RulesChange.objects.exists()


def test_rules_need_a_reason(service: Service, dr_osei: User) -> None:
    with pytest.raises(rules.NotAllowed):
        rules.change(thresholds.of(service), reason=" ", by=dr_osei, at=MONDAY)


@pytest.mark.parametrize("name", ["sam", "mo", "ada", "rowan"])
def test_only_a_clinician_sets_rules_or_sees_what_they_would_do(
    name: str, cast: dict[str, User], service: Service
) -> None:
    with pytest.raises(access.NotFound):
        rules.change(thresholds.of(service), reason="x", by=cast[name], at=MONDAY)
    with pytest.raises(access.NotFound):
        rules.preview(cast[name], thresholds.of(service), MONDAY)


def test_another_services_rules_stay_as_they_are(
    service: Service, other_service: Service, dr_osei: User
) -> None:
    sooner = replace(thresholds.of(service), call=4)
    rules.change(sooner, reason="Many moved.", by=dr_osei, at=MONDAY)
    assert thresholds.of(other_service) == thresholds.shipped(other_service)


def test_the_engine_answers_the_same_under_any_rules(
    silent: datetime, service: Service, episode: Episode, dr_osei: User
) -> None:
    before = queries.today_for_person(episode, silent)
    widest: dict[str, Any] = {name: high for name, (_, high) in thresholds.bounds().items()}
    rules.change(replace(thresholds.of(service), **widest), reason="Try.", by=dr_osei, at=silent)
    assert queries.today_for_person(episode, silent) == before
