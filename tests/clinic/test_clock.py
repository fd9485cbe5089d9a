"""The clinic's only clock."""

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import Service

NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock_file(tmp_path: Path) -> Path:
    path = tmp_path / "clock"
    path.write_text(NOON.isoformat(), encoding="ascii")
    return path


def test_it_tells_an_aware_instant() -> None:
    assert clock.now().utcoffset() == timedelta(0)


def test_a_stopped_clock_moves_only_when_it_is_moved() -> None:
    with clock.stopped(NOON) as hands:
        assert clock.now() == NOON
        hands.advance(hours=5)
        assert clock.now() == NOON + timedelta(hours=5)
        hands.move_to(NOON)
        assert clock.now() == NOON
    assert clock.now() != NOON


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"), clock.stopped(datetime(2026, 12, 1)):  # noqa: DTZ001
        pass


def test_it_follows_a_file_that_a_test_moves_on(clock_file: Path) -> None:
    with clock.stopped(NOON):
        clock.follow(clock_file)
        assert clock.now() == NOON
        clock_file.write_text("2026-12-02T13:00:00+01:00", encoding="ascii")
        assert clock.now() == NOON + timedelta(days=1)


def test_a_database_of_real_people_refuses_to_follow_a_file(
    service: Service, clock_file: Path
) -> None:
    from stepwell.clinic import starting

    with clock.stopped(NOON), pytest.raises(ImproperlyConfigured, match="not a demo"):
        starting.follow_test_clock(str(clock_file))


def test_a_demo_follows_it(demo_service: Service, clock_file: Path) -> None:
    from stepwell.clinic import starting

    with clock.stopped(NOON - timedelta(days=9)):
        starting.follow_test_clock(str(clock_file))
        assert clock.now() == NOON


def test_no_screen_can_move_it() -> None:
    """Only this module rebinds the source, and only the start of the process asks it to follow."""
    clinic = Path(clock.__file__).parent
    callers = {
        path.relative_to(clinic).as_posix()
        for path in clinic.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"follow", "stopped", "_source"}
        if isinstance(node.value, ast.Name) and node.value.id == "clock"
    }
    assert callers == {"starting.py"}
