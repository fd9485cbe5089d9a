"""Whether this installation is sound: what `stepwell doctor` asks."""

from collections.abc import Callable, Iterator

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from stepwell.clinic import clock
from stepwell.clinic.audit import chain
from stepwell.clinic.care import alerts, beats, durability, outbox, reviews
from stepwell.clinic.care.models import Episode, Review

Check = Callable[[], str | None]


def checks() -> Iterator[tuple[str, str | None]]:
    """Each check's name, and what is wrong in plain words or None."""
    for name, check in _CHECKS.items():
        try:
            yield name, check()
        except DatabaseError as error:
            yield name, f"the database does not answer: {error}"
            return


def migrations_waiting() -> int:
    """How many migrations of this version the database has not had."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _database_is_up_to_date() -> str | None:
    if not (waiting := migrations_waiting()):
        return None
    return f"{waiting} migrations have not been applied: start it once with `stepwell serve`"


def _writes_reach_the_disk() -> str | None:
    """Acknowledged answers must survive a power cut."""
    found = list(durability.losses())
    return f"the database may lose them: {', '.join(found)}" if found else None


def _reviews_replay() -> str | None:
    stored = Review.objects.select_related("episode", "episode__service")
    differing = [review.pk for review in stored.iterator() if not reviews.replays(review)]
    return f"{len(differing)} stored reviews differ, first {differing[0]}" if differing else None


def _everybody_has_an_owner() -> str | None:
    alone = Episode.objects.filter(closed_at=None, keyworker__is_active=False).count()
    return f"{alone} open episodes have no active keyworker" if alone else None


def _trail_is_whole() -> str | None:
    broken = [found for found in chain.verify() if found.broken]
    return f"{broken[0].broken} ({broken[0].chain_id})" if broken else None


def _alerts_go_out() -> str | None:
    """What should have been told a while ago and was not; or a worker that ran and runs no more."""
    at = clock.now()
    late = at - beats.LATE
    waiting = alerts.due(late).count() + outbox.waiting(late).count()
    if waiting:
        return f"{waiting} alerts or notices wait: is `stepwell work` running?"
    ran = beats.last("alerts")
    if ran is not None and beats.stand_still(at):
        return f"`stepwell work` last went round on {ran:%Y-%m-%d %H:%M} UTC"
    return None


_CHECKS: dict[str, Check] = {
    "database up to date": _database_is_up_to_date,
    "writes reach the disk": _writes_reach_the_disk,
    "the trail is whole": _trail_is_whole,
    "stored reviews replay byte for byte": _reviews_replay,
    "everybody has an owner": _everybody_has_an_owner,
    "timers run and notices go out": _alerts_go_out,
}
