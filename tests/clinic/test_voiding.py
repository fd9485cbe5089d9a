"""What a bladder diary comes to: days from rising to rising, and missing is never zero."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic.care import voiding
from stepwell.clinic.care.voiding import Entry, Kind

MONDAY = datetime(2026, 11, 30, tzinfo=UTC)


def days_of(told: list[Entry]) -> list[voiding.Day]:
    return voiding.days(told, morning=timedelta(hours=4))


def at(hour: float, day: int = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour)


def void(hour: float, ml: int | None = 200, day: int = 0, **told: object) -> Entry:
    return Entry(Kind.VOID, at(hour, day), ml, **told)  # type: ignore[arg-type]


def up(hour: float, day: int = 0) -> Entry:
    return Entry(Kind.UP, at(hour, day))


def bed(hour: float, day: int = 0) -> Entry:
    return Entry(Kind.BED, at(hour, day))


MONDAYS = [up(7), void(7.25, 400), void(11), void(15), void(20), bed(23), void(27, 300)]
TUESDAYS_FIRST = [up(7, 1), void(7.5, 350, 1)]


def test_the_first_void_of_the_morning_belongs_to_the_night_before() -> None:
    monday = days_of([*MONDAYS, *TUESDAYS_FIRST])[0]
    assert (monday.day_voids, monday.night_voids) == (4, 1)
    assert monday.night is not None
    assert monday.total is not None
    assert monday.night.ml == 300 + 350
    assert monday.total.ml == 3 * 200 + 300 + 350
    assert monday.night_percent == round(100 * 650 / 1250)


def test_until_the_next_rising_is_told_the_night_and_the_total_are_not_known() -> None:
    monday = days_of(MONDAYS)[0]
    assert (monday.total, monday.night, monday.night_voids) == (None, None, None)
    assert monday.largest_ml == 400


def test_a_void_long_after_getting_up_is_no_mornings_and_the_sums_are_not_known() -> None:
    monday = days_of([*MONDAYS, up(7, 1), void(13, 400, 1)])[0]
    assert (monday.total, monday.night) == (None, None)
    assert monday.largest_ml == 400


def test_the_largest_and_the_longest_gap_include_the_next_morning() -> None:
    monday = days_of([up(7), void(8, 100), bed(23), up(7, 1), void(7.5, 500, 1)])[0]
    assert monday.largest_ml == 500
    assert monday.longest_gap == timedelta(hours=23.5)


def test_without_a_bedtime_nothing_is_said_of_the_night() -> None:
    told = [one for one in MONDAYS if one.kind is not Kind.BED]
    monday = days_of([*told, *TUESDAYS_FIRST])[0]
    assert (monday.night, monday.night_voids) == (None, None)
    assert monday.total is not None


def test_what_was_not_measured_is_counted_and_not_taken_for_zero() -> None:
    monday = days_of([up(7), void(8), void(12, None), up(7, 1), void(8, 300, 1)])[0]
    assert monday.total is not None
    assert (monday.total.ml, monday.total.measured, monday.total.of) == (300, 1, 2)
    assert not monday.total.is_whole
    assert monday.night_percent is None


def test_leaks_are_counted_only_where_somebody_said_so() -> None:
    assert days_of([up(7), void(8)])[0].leaks is None
    told = [up(7), void(8, leaked=False), void(9, leaked=True), void(10)]
    assert days_of(told)[0].leaks == 1


def test_an_empty_diary_has_no_days() -> None:
    assert days_of([void(9)]) == []


entries = st.lists(
    st.builds(
        Entry,
        kind=st.sampled_from(Kind),
        at=st.integers(0, 4 * 24 * 60).map(lambda minutes: MONDAY + timedelta(minutes=minutes)),
        ml=st.none() | st.integers(1, 900),
        leaked=st.none() | st.booleans(),
        pain=st.none() | st.integers(0, 10),
    ),
    max_size=40,
    unique_by=lambda one: one.at,
)


@given(entries)
def test_every_void_between_two_risings_is_a_day_void_or_a_night_void(told: list[Entry]) -> None:
    for day in days_of(told):
        if day.until is None or day.bed is None:
            continue
        inside = [one for one in told if one.kind is Kind.VOID and day.up <= one.at < day.until]
        assert day.night_voids is not None
        assert day.day_voids + day.night_voids == len(inside)


@given(entries)
def test_the_days_together_have_every_volume_once(told: list[Entry]) -> None:
    """All that was passed after the first void of the first day, up to the first of the last."""
    found = [day for day in days_of(told) if day.until is not None]
    if not found or any(day.total is None for day in found) or _without_void(told, found[0]):
        return
    if any(_without_void(told, day) for day in days_of(told)):
        return
    start, end = (_first(told, day) for day in (found[0].up, found[-1].until))
    expected = [one.ml or 0 for one in told if one.kind is Kind.VOID and start < one.at <= end]
    assert sum(day.total.ml for day in found if day.total) == sum(expected)


def _without_void(told: list[Entry], day: voiding.Day) -> bool:
    end = day.until or datetime.max.replace(tzinfo=UTC)
    return not any(one.kind is Kind.VOID and day.up <= one.at < end for one in told)


def _first(told: list[Entry], since: datetime | None) -> datetime:
    assert since is not None
    return min(one.at for one in told if one.kind is Kind.VOID and one.at >= since)


@given(entries)
def test_a_night_is_never_more_than_its_day(told: list[Entry]) -> None:
    for day in days_of(told):
        assert day.night_percent is None or 0 <= day.night_percent <= 100
        if day.night and day.total and not _without_void(told, day):
            assert day.night.ml <= day.total.ml
