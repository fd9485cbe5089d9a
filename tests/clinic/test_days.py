"""Which day it is for a person: clock changes and travel never give two days or none."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from stepwell.clinic.accounts.models import User
from stepwell.clinic.care import episodes
from stepwell.clinic.care.days import in_zone
from stepwell.clinic.care.models import Episode, PlanVersion
from tests.conftest import Tell

LONDON = ZoneInfo("Europe/London")
FIVE = 5


def test_a_day_runs_from_sleep_to_sleep(episode: Episode) -> None:
    assert episodes.today(episode, datetime(2026, 12, 2, 4, 59, tzinfo=UTC)) == date(2026, 12, 1)
    assert episodes.today(episode, datetime(2026, 12, 2, 5, 0, tzinfo=UTC)) == date(2026, 12, 2)


def test_the_zone_is_the_episodes_own_also_when_the_person_travels(episode: Episode) -> None:
    in_tokyo = datetime(2026, 12, 2, 7, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert episodes.today(episode, in_tokyo) == date(2026, 12, 1)


def test_an_event_keeps_instant_zone_and_local_date(
    agreed_plan: PlanVersion, tell: Tell, rowan: User
) -> None:
    at = datetime(2026, 12, 2, 2, 30, tzinfo=UTC)
    event = tell(date(2026, 12, 1), at=at)
    assert (event.recorded, event.time_zone) == (at, "Europe/London")
    assert event.recorded_on == date(2026, 12, 1)


def days_seen(zone: ZoneInfo, first: datetime, hours: int, rollover: int = FIVE) -> list[date]:
    """The day at every quarter of an hour."""
    quarters = range(hours * 4)
    return [in_zone(first + timedelta(minutes=15) * n, zone, rollover) for n in quarters]


def lengths(seen: list[date]) -> dict[date, float]:
    """How many hours each day had, without the cut-off ends."""
    inner = sorted(set(seen))[1:-1]
    return {day: seen.count(day) / 4 for day in inner}


@pytest.mark.parametrize(
    ("noon", "longest", "hours"),
    [
        (datetime(2026, 3, 27, 12, tzinfo=UTC), date(2026, 3, 28), 23),
        (datetime(2026, 10, 23, 12, tzinfo=UTC), date(2026, 10, 24), 25),
    ],
)
def test_both_clock_changes_in_london_give_each_day_once(
    noon: datetime, longest: date, hours: int
) -> None:
    seen = days_seen(LONDON, noon, 24 * 5)
    assert seen == sorted(seen)
    whole = lengths(seen)
    assert list(whole) == [min(whole) + timedelta(days=n) for n in range(4)]
    assert whole.pop(longest) == hours
    assert set(whole.values()) == {24}


def test_apia_had_no_30_december_2011_and_nobody_lives_a_day_twice() -> None:
    seen = days_seen(ZoneInfo("Pacific/Apia"), datetime(2011, 12, 28, 0, tzinfo=UTC), 24 * 5)
    assert seen == sorted(seen)
    assert date(2011, 12, 30) not in seen
    assert set(lengths(seen).values()) == {24}


@pytest.mark.parametrize("rollover", [0, 1, 2, 3, 5, 12, 23])
@pytest.mark.parametrize(
    ("zone", "around"),
    [
        ("Europe/London", datetime(2026, 10, 25, tzinfo=UTC)),
        ("America/Havana", datetime(2026, 11, 1, tzinfo=UTC)),
        ("Asia/Beirut", datetime(2026, 10, 24, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, tzinfo=UTC)),
        ("America/Scoresbysund", datetime(2024, 3, 31, tzinfo=UTC)),
        ("Africa/Casablanca", datetime(2026, 2, 15, tzinfo=UTC)),
        ("Antarctica/Troll", datetime(2026, 10, 25, tzinfo=UTC)),
    ],
)
def test_whatever_hour_a_day_begins_at_no_day_comes_back(
    zone: str, around: datetime, rollover: int
) -> None:
    seen = days_seen(ZoneInfo(zone), around - timedelta(days=2), 24 * 4, rollover)
    assert seen == sorted(seen)
    first = min(seen)
    assert set(seen) == {first + timedelta(days=n) for n in range((max(seen) - first).days + 1)}
