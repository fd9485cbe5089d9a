"""Each plan date exactly once: in every zone, over every clock change, from any rollover hour."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from prove import zones
from prove.zones import Zone
from stepwell.clinic.care import days

HOURS = (0, 1, 2, 5, 23)


def named(name: str) -> Zone:
    return zones.zone(next(group for group in zones.names() if name in group))


@pytest.mark.parametrize(
    "name",
    [
        "America/St_Johns",  # changes at a minute past midnight, once by two hours
        "Antarctica/Troll",  # two hours at once
        "Pacific/Apia",  # a date left out, and half an hour besides
        "Pacific/Kwajalein",
        "Etc/UTC",
    ],
)
def test_each_plan_date_is_one_stretch_over_every_change(name: str) -> None:
    tally = zones.walked(named(name), hours=HOURS)
    assert (tally.wrong, tally.shown) == (0, [])
    assert tally.missing == {(zone, day) for zone, day in zones.LEFT_OUT if zone == name}


def test_every_zone_of_the_pinned_data_is_walked() -> None:
    groups = zones.names()
    every = {name for group in groups for name in group}
    assert len(every) == sum(len(group) for group in groups) >= 597
    assert {"Europe/London", "GB", "Asia/Kathmandu", "America/Nuuk"} <= every


@pytest.mark.slow
def test_some_zones_are_walked_from_every_hour() -> None:
    measures = zones.run(0.01)
    assert all(measure.met for measure in measures), [str(measure) for measure in measures]


def test_the_changes_listed_and_those_from_a_rule_are_found() -> None:
    london = named("Europe/London")
    assert _at(1972, 3, 19, 2) in london.changes
    assert {_at(2037, 3, 29, 1), _at(2037, 10, 25, 1)} < set(london.changes)
    assert len(london.changes) - 1 > 130


def _at(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[arg-type,misc]


# --- what breaks it ---------------------------------------------------------------------------


def by_the_wall_clock(at: datetime, zone: ZoneInfo, hour: int) -> date:
    """An hour shown twice brings the day before back."""
    return (at.astimezone(zone) - timedelta(hours=hour)).date()


def by_hours_passed(at: datetime, zone: ZoneInfo, hour: int) -> date:
    """A day begins an hour early or late after every change."""
    return (at - timedelta(hours=hour)).astimezone(zone).date()


def by_the_second_showing(at: datetime, zone: ZoneInfo, hour: int) -> date:
    local = at.astimezone(zone)
    begun = datetime.combine(local.date(), datetime.min.time(), zone).replace(hour=hour, fold=1)
    return local.date() - timedelta(days=begun.astimezone(UTC) > at)


def with_a_day_that_has_none(at: datetime, zone: ZoneInfo, hour: int) -> date:
    found = days.in_zone(at, zone, hour)
    return found + timedelta(days=found.day == 31)


@pytest.mark.parametrize(
    "broken",
    [by_the_wall_clock, by_hours_passed, by_the_second_showing, with_a_day_that_has_none],
)
def test_another_reading_of_the_day_is_caught(broken: zones.PlanDate) -> None:
    assert zones.walked(named("America/St_Johns"), broken, HOURS).wrong > 0


@pytest.mark.slow
def test_a_broken_clinic_turns_the_measures_short(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(days, "in_zone", by_hours_passed)
    names, wrong, _ = zones.run(0.01)
    assert (names.met, wrong.met) == (True, False)
    assert "not" in capsys.readouterr().err


def test_a_date_that_no_calendar_left_out_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zones, "LEFT_OUT", frozenset())
    tally = zones.walked(named("Pacific/Apia"), hours=(5,))
    assert tally.missing == {("Pacific/Apia", date(2011, 12, 30))}
    assert [m.met for m in zones._measures(tally, tally.names, 0.001)] == [True, True, False]


def test_zones_without_their_changes_are_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zones, "_told_changes", lambda data: ())
    monkeypatch.setattr(zones, "_found_changes", lambda info, since: iter(()))
    assert zones.run(0.01)[0].met is False
