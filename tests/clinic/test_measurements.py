"""Tests due and their results: a slip is caught, danger is told, and nothing is overwritten."""

from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from stepwell import catalogue
from stepwell.clinic import clock
from stepwell.clinic.accounts.models import User
from stepwell.clinic.care import access, measurements
from stepwell.clinic.care.measurements import Refused
from stepwell.clinic.care.models import Episode, Escalation, Measurement, PlanVersion
from tests.clinic.person.pages import hidden, text

TODAY = date(2026, 11, 30)
GROUPS = list(measurements.groups().values())
ALL = [measure for group in GROUPS for measure in group.measures]
PRESSURE = {"systolic": "130", "diastolic": "85"}


@pytest.fixture(autouse=True)
def stopped(now: clock.Stopped) -> None:
    """No page here ever reads a real clock."""


def keep(episode: Episode, by: User, group: str, **other: Any) -> list[Measurement]:
    sent: dict[str, Any] = {
        "on": TODAY,
        "confirmed": False,
        "sent_id": sha256(f"{group}{other}".encode()).hexdigest(),
        "at": clock.now(),
    }
    named = {name: other.pop(name) for name in list(other) if name in sent}
    return measurements.record(episode, group, other, **(sent | named), by=by)


def values(episode: Episode) -> list[str]:
    return [
        f"{one.name} {one.value.normalize():f} {one.unit}"
        for one in Measurement.objects.filter(episode=episode)
    ]


def test_what_the_data_says_is_sound() -> None:
    flags = catalogue.protocols()["ketamine"].flags
    assert len({one.name for one in ALL}) == len(ALL)
    for group in GROUPS:
        assert not group.flag or group.flag in flags
        assert set(group.at_least) <= {one.name for one in group.measures}
        assert all(one.low < one.high for one in group.measures)


# --- what was typed -----------------------------------------------------------------------------


@pytest.mark.parametrize("measure", ALL, ids=lambda one: one.name)
@given(value=st.decimals(min_value=0, max_value=99999, places=3))
def test_a_number_is_read_as_itself_with_its_unit_or_without(measure: Any, value: Any) -> None:
    assert measurements.parse(measure, f" {value} ") == value
    assert measurements.parse(measure, f"{value} {measure.unit}") == value


@pytest.mark.parametrize(
    "typed", ["78,5", "1,000", "12 st", "about 80", "", "NaN", "Infinity", "1e9", "80 lb", "1.2345"]
)
def test_what_could_mean_two_things_is_refused_by_name(typed: str) -> None:
    weight = next(one for one in ALL if one.name == "weight")
    with pytest.raises(Refused, match="Weight") as refused:
        measurements.parse(weight, typed)
    assert not refused.value.may_confirm


def test_what_is_far_from_usual_is_kept_only_when_it_is_confirmed(
    episode: Episode, sam: User
) -> None:
    with pytest.raises(Refused, match="outside 25 to 250") as refused:
        keep(episode, sam, "weight", weight="785")
    assert refused.value.may_confirm
    keep(episode, sam, "weight", weight="785", confirmed=True)
    assert values(episode) == ["weight 785 kg"]


def test_a_large_change_is_asked_about_with_what_it_was(episode: Episode, sam: User) -> None:
    keep(episode, sam, "weight", weight="80", on=TODAY - timedelta(days=30))
    keep(episode, sam, "weight", weight="72")
    with pytest.raises(Refused, match="it was 72 on 2026-11-30"):
        keep(episode, sam, "weight", weight="60")


def test_a_day_that_has_not_come_and_an_empty_form_are_refused(episode: Episode, sam: User) -> None:
    with pytest.raises(Refused, match="not come yet"):
        keep(episode, sam, "weight", weight="80", on=TODAY + timedelta(days=1))
    with pytest.raises(Refused, match="at least one"):
        keep(episode, sam, "liver", alt=" ")


# --- what is kept -------------------------------------------------------------------------------


def test_sent_twice_it_is_kept_once(episode: Episode, sam: User) -> None:
    for _ in range(2):
        keep(episode, sam, "blood_pressure", **PRESSURE, sent_id="one")
    assert sorted(values(episode)) == ["diastolic 85 mmHg", "systolic 130 mmHg"]


def test_a_later_value_for_a_day_counts_and_the_earlier_stays(episode: Episode, sam: User) -> None:
    keep(episode, sam, "weight", weight="80")
    keep(episode, sam, "weight", weight="79", at=clock.now() + timedelta(minutes=1))
    standing = measurements.standing(episode, measurements.groups()["weight"])
    assert [one.shown for one in standing.results] == ["79 kg"]
    assert Measurement.objects.count() == 2


def test_the_change_since_the_one_before_is_said(episode: Episode, sam: User) -> None:
    keep(episode, sam, "weight", weight="80", on=TODAY - timedelta(days=30))
    keep(episode, sam, "weight", weight="77.5")
    standing = measurements.standing(episode, measurements.groups()["weight"])
    assert [one.changed for one in standing.results] == ["-2.5", ""]


@pytest.mark.parametrize(
    ("systolic", "diastolic", "is_danger"),
    [("179", "109", False), ("180", "90", True), ("150", "110", True), ("210", "125", True)],
)
def test_a_measured_pressure_of_180_or_110_is_a_signal_of_the_same_day(
    agreed_plan: PlanVersion, sam: User, systolic: str, diastolic: str, is_danger: bool
) -> None:
    keep(agreed_plan.episode, sam, "blood_pressure", systolic=systolic, diastolic=diastolic)
    raised = Escalation.objects.filter(episode=agreed_plan.episode).values_list("key", "urgency")
    assert list(raised) == ([("high_blood_pressure", "same_day")] if is_danger else [])


def test_nobody_but_the_team_writes_one_down(episode: Episode, rowan: User, ines: User) -> None:
    for other in (rowan, ines):
        with pytest.raises(access.NotFound):
            keep(episode, other, "weight", weight="80")


# --- when it is due -----------------------------------------------------------------------------


def test_all_are_due_from_the_start_and_each_again_after_its_days(
    episode: Episode, sam: User
) -> None:
    assert len(measurements.due(measurements.every(episode), TODAY)) == len(GROUPS)
    keep(episode, sam, "weight", weight="80")
    every = measurements.every(episode)
    for days, is_due in ((89, False), (90, True)):
        due = measurements.due(every, TODAY + timedelta(days=days))
        assert ("weight" in [one.group.name for one in due]) == is_due


# --- the screens --------------------------------------------------------------------------------


def test_what_was_typed_stays_where_it_is_refused_and_can_be_confirmed(
    client: Client, episode: Episode, sam: User
) -> None:
    client.force_login(sam)
    page = reverse("team:tests", args=[episode.pk])
    sent_id = hidden(client.get(page), "sent_id")
    told = {"group": "weight", "weight": "785", "on": "2026-11-30", "sent_id": sent_id}
    answer = client.post(page, told)
    assert "outside 25 to 250" in text(answer)
    assert 'value="785"' in answer.content.decode()
    assert "785 kg" in text(client.post(page, told | {"confirmed": "on"}, follow=True))


def test_the_person_reads_what_is_due_and_what_was_found(
    client: Client, episode: Episode, sam: User, rowan: User
) -> None:
    keep(episode, sam, "weight", weight="78.5")
    client.force_login(rowan)
    said = text(client.get("/visits/"))
    assert "Your kidneys: a blood test." in said
    assert "Your weight: Weight 78.5 kg . 30 November 2026" in said
    assert "Your weight. Losing" not in said


def test_an_unknown_group_is_not_found(client: Client, episode: Episode, sam: User) -> None:
    client.force_login(sam)
    assert client.post(reverse("team:tests", args=[episode.pk]), {"group": "x"}).status_code == 404
