"""The worker goes round: what is due is done, whatever another job does, and it says when."""

import logging
import os
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from threading import Event

import pytest
from django.conf import LazySettings

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import Channel, User
from stepwell.clinic.care import beats, health, messages, reminders
from stepwell.clinic.care.models import Episode, Notice, PlanVersion, Reminder
from stepwell.clinic.care.reminders import Wish
from stepwell.clinic.jobs import worker
from stepwell.clinic.jobs.worker import Job
from tests.clinic.test_alerts import reachable
from tests.conftest import MONDAY, Tell, days, evening

TUESDAY = date(2026, 12, 1)
MINUTE = timedelta(minutes=1)
SEVEN = time(19, 0)  # in London, which keeps the hours of UTC in winter


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _files_of_its_own(settings: LazySettings, tmp_path: Path) -> None:
    settings.HOME = tmp_path


def notices(kind: str) -> list[datetime]:
    return list(
        Notice.objects.filter(kind=kind).order_by("made_at").values_list("made_at", flat=True)
    )


# --- reminders ----------------------------------------------------------------------------------


@pytest.fixture
def reminded(agreed_plan: PlanVersion, episode: Episode, rowan: User) -> User:
    """Rowan wants a note at seven."""
    reachable(rowan, Channel.SMS)
    reminders.wish(episode, Wish(daily_at=SEVEN), by=rowan, at=at(1, 10))
    return rowan


def test_a_note_comes_each_day_at_the_time_that_was_asked_for(reminded: User) -> None:
    for hour in range(80):
        reminders.remind(at(1, 12) + timedelta(hours=hour))
    assert notices("reminder") == [at(1, 19), at(2, 19), at(3, 19), at(4, 19)]


def test_whoever_has_checked_in_gets_none_that_day(reminded: User, tell: Tell) -> None:
    tell(TUESDAY, at=at(1, 18))
    reminders.remind(at(1, 19))
    reminders.remind(at(2, 19))
    assert notices("reminder") == [at(2, 19)]


def test_after_days_without_a_worker_one_note_comes_and_not_one_for_each_day(
    reminded: User,
) -> None:
    for _ in range(5):
        reminders.remind(at(9, 20))
    assert notices("reminder") == [at(9, 20)]
    assert Reminder.objects.get().next_at == at(10, 19)


def test_whoever_wants_nothing_gets_nothing(
    agreed_plan: PlanVersion, episode: Episode, rowan: User, sam: User
) -> None:
    reachable(rowan, Channel.SMS)
    messages.send(episode, "Hello", message_id="1", by=sam, at=at(1, 11))
    reminders.remind(at(5, 19))
    assert not Notice.objects.exists()


def test_whoever_wants_to_know_of_messages_is_told_that_there_is_a_note(
    agreed_plan: PlanVersion, episode: Episode, rowan: User, sam: User
) -> None:
    reachable(rowan, Channel.SMS)
    reminders.wish(episode, Wish(messages=True), by=rowan, at=MONDAY)
    messages.send(episode, "Hello", message_id="1", by=sam, at=at(1, 11))
    messages.send(episode, "Hello back", message_id="2", by=rowan, at=at(1, 12))
    assert notices("note") == [at(1, 11)]


def test_the_time_is_the_one_on_their_clock_all_year(
    agreed_plan: PlanVersion, episode: Episode, rowan: User
) -> None:
    """In summer London is an hour ahead."""
    reachable(rowan, Channel.SMS)
    summer = datetime(2027, 7, 1, 10, 0, tzinfo=UTC)
    reminders.wish(episode, Wish(daily_at=SEVEN), by=rowan, at=summer)
    assert Reminder.objects.get().next_at == datetime(2027, 7, 1, 18, 0, tzinfo=UTC)


# --- a keyworker's new cards --------------------------------------------------------------------


def test_a_keyworker_is_told_of_each_rung_of_silence_once(
    agreed_plan: PlanVersion, tell: Tell, sam: User
) -> None:
    reachable(sam)
    for day in days(TUESDAY, 3):
        tell(day)
    begun = evening(date(2026, 12, 3))
    for hour in range(0, 12 * 24, 3):
        worker.go_round(begun + timedelta(hours=hour))
    told = Notice.objects.filter(kind="quiet", to=sam)
    rungs = [key.split(":")[3] for key in told.order_by("made_at").values_list("key", flat=True)]
    assert rungs == ["nudge", "call", "second_channel", "team_discussion"]


# --- the round ----------------------------------------------------------------------------------


def test_one_job_that_fails_does_not_silence_the_others_and_no_name_is_logged(
    db: None, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stepwell.clinic.jobs.worker.connection.close", lambda: None)

    def fails(_: datetime) -> int:
        raise RuntimeError("Rowan")

    jobs = (Job("bad", timedelta(0), fails), Job("good", timedelta(0), lambda _: 3))
    with caplog.at_level(logging.ERROR, logger="stepwell.jobs"):
        done = worker.go_round(MONDAY, jobs)
    assert ("good", 3) in done
    assert "RuntimeError" in caplog.text
    assert "Rowan" not in caplog.text


def test_a_job_runs_as_often_as_it_is_to_and_again_after_the_clock_was_set_back(db: None) -> None:
    ran: list[datetime] = []

    def run(at: datetime) -> int:
        ran.append(at)
        return 0

    job = (Job("hourly", timedelta(hours=1), run),)
    instants = [MONDAY + n * 30 * MINUTE for n in range(5)] + [MONDAY - timedelta(days=1)]
    for instant in instants:
        worker.go_round(instant, job)
    assert ran == [instants[0], instants[2], instants[4], instants[5]]


def test_it_goes_round_until_it_is_told_to_stop(
    db: None, monkeypatch: pytest.MonkeyPatch, now: object
) -> None:
    stop, rounds = Event(), list[datetime]()

    def go_round(at: datetime) -> list[tuple[str, int]]:
        rounds.append(at)
        stop.set()
        return []

    monkeypatch.setattr(worker, "go_round", go_round)
    worker.work(stop)
    assert len(rounds) == 1


def test_it_stops_with_whoever_started_it(db: None) -> None:
    worker.work(Event(), lambda: True)


def timers() -> str | None:
    return dict(health.checks())["timers run and notices go out"]


def test_where_it_stands_still_checks_say_so(db: None, now: clock.Stopped) -> None:
    assert beats.stand_still(clock.now())
    worker.go_round(clock.now())
    now.advance(minutes=4)
    assert (beats.stand_still(clock.now()), timers()) == (False, None)
    now.advance(minutes=2)
    assert timers() == "`stepwell work` last went round on 2026-11-30 10:00 UTC"


def test_an_alert_that_waits_is_trouble(
    agreed_plan: PlanVersion, tell: Tell, now: clock.Stopped
) -> None:
    now.move_to(at(1, 11))
    tell(TUESDAY, at=at(1, 11), flags=["seizure"])
    now.advance(minutes=16)
    assert timers() == "1 alerts or notices wait: is `stepwell work` running?"


@pytest.mark.slow
def test_the_command_does_what_is_due_and_says_how_much(tmp_path: Path) -> None:
    """In a process of its own, behind the wall that lets nothing out."""
    own = {"STEPWELL_HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    asked = [sys.executable, "-c", "from stepwell import cli; cli.main()", "work", "--once"]
    said = subprocess.run(asked, env=own, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert "alerts" in said.stdout
