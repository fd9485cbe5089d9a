"""The round of the worker: every job that is due, one after the other, whatever another did.

What a job has to do stands in the record itself. So a worker that is killed leaves nothing behind
that the next one would not find; several may run side by side.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event

from django.db import connection

from stepwell.clinic import clock
from stepwell.clinic.accounts import lockout, sessions
from stepwell.clinic.audit import chain
from stepwell.clinic.care import alerts, beats, filed, nudges, outbox, reminders
from stepwell.clinic.jobs import delivery

PAUSE_SECONDS = 2.0
_log = logging.getLogger("stepwell.jobs")


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be done again and again; `run` answers how much there was to do."""

    name: str
    every: timedelta
    run: Callable[[datetime], int]


JOBS = (
    Job("alerts", timedelta(0), alerts.climb),
    Job("reminders", timedelta(seconds=30), reminders.remind),
    Job("cards", timedelta(minutes=10), nudges.of_cards),
    Job("notices", timedelta(0), delivery.deliver),
    Job("catch_up", timedelta(seconds=2), filed.catch_up_some),
    Job("seal", timedelta(hours=1), chain.seal),
    Job("clear_away", timedelta(days=1), outbox.clear_away),
    Job("forget_sessions", timedelta(days=1), sessions.clear_away),
    Job("forget_failures", timedelta(hours=1), lockout.clear_away),
)


def work(stop: Event, is_alone: Callable[[], bool] = lambda: False) -> None:
    """Go round until told to stop, or until whoever started it is gone."""
    while not (stop.is_set() or is_alone()):
        if not any(done for _, done in go_round(clock.now())):
            stop.wait(PAUSE_SECONDS)


def go_round(at: datetime, jobs: tuple[Job, ...] = JOBS) -> list[tuple[str, int]]:
    """Do each job that is due at this instant once; the name of each and how much there was."""
    return list(_done(at, jobs))


def _done(at: datetime, jobs: tuple[Job, ...]) -> Iterator[tuple[str, int]]:
    for job in jobs:
        try:
            if beats.is_due(job.name, job.every, at):
                yield job.name, job.run(at)
                beats.beat(job.name, job.every, at)
        except Exception as error:  # noqa: BLE001 - one job's fault must not silence the others
            _log.error("The job %s failed: %s", job.name, type(error).__name__)
            connection.close()  # it may be the database that went away
