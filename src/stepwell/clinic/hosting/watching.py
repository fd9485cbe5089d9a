"""/health/, /health/ready/ and /metrics/: for this machine, or whoever has the host's token.

Answered before any other layer, so that no name of a host, no redirect and no session stands in
the way of a probe. To everybody else these addresses do not exist.
"""

import hmac
import ipaddress
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse

from stepwell.clinic import clock
from stepwell.clinic.care import alerts, beats, health, outbox, watched
from stepwell.clinic.hosting import backup, counting

TOKEN = "metrics_token"  # noqa: S105  # the name of a file in the home
PASSED_ON = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-Ip", "Forwarded")
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
WAITING: dict[str, Callable[[], int]] = {
    "alerts": lambda: alerts.due(clock.now() - beats.LATE).count(),
    "notices": lambda: outbox.waiting(clock.now() - beats.LATE).count(),
}


def probes(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """The outermost middleware."""

    def answered(request: HttpRequest) -> HttpResponse:
        probe = _PROBES.get(request.path_info)
        if probe is None or request.method != "GET" or not _may_watch(request):
            return answer(request)
        response = probe()
        response["Cache-Control"] = "no-store"
        return response

    return answered


def _may_watch(request: HttpRequest) -> bool:
    """From this machine itself, not through a proxy on it; or with the token of the home."""
    return _is_from_here(request) or _has_token(request)


def _is_from_here(request: HttpRequest) -> bool:
    if any(request.headers.get(name) for name in PASSED_ON):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _has_token(request: HttpRequest) -> bool:
    place = Path(settings.HOME) / TOKEN
    if not place.exists():
        return False
    wanted = f"Bearer {place.read_text(encoding='ascii').strip()}"
    given = request.headers.get("Authorization", "")
    return len(wanted) > 32 and hmac.compare_digest(wanted.encode(), given.encode())


def _live() -> HttpResponse:
    return JsonResponse({"live": True})


def _ready() -> HttpResponse:
    """Whether it can keep what it is told: each check by its name, true or false."""
    found = {name: _holds(check) for name, check in _CHECKS.items()}
    return JsonResponse(found, status=200 if all(found.values()) else 503)


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except DatabaseError:
        return False


def _can_write() -> bool:
    """A row is written, and let go again."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE django_migrations SET name = name WHERE id = 1")
        transaction.set_rollback(True)
    return True


def _is_up_to_date() -> bool:
    return health.migrations_waiting() == 0


_CHECKS: dict[str, Callable[[], bool]] = {
    "database_writable": _can_write,
    "migrations_applied": _is_up_to_date,
}


def _metrics() -> HttpResponse:
    body = "\n".join([*counting.lines(), *_of_the_service(), ""])
    return HttpResponse(body, content_type=PROMETHEUS)


def _of_the_service() -> Iterator[str]:
    yield "# TYPE stepwell_escalations_open gauge"
    for urgency, many in watched.open_by_urgency().items():
        yield f'stepwell_escalations_open{{urgency="{urgency}"}} {many}'
    yield "# TYPE stepwell_escalation_oldest_unacknowledged_seconds gauge"
    for urgency, waits in watched.longest_unacknowledged(clock.now()).items():
        labelled = f'stepwell_escalation_oldest_unacknowledged_seconds{{urgency="{urgency}"}}'
        yield f"{labelled} {waits.total_seconds():.0f}"
    yield "# TYPE stepwell_services_frozen gauge"
    yield f"stepwell_services_frozen {watched.frozen()}"
    yield "# TYPE stepwell_waiting gauge"
    yield from (f'stepwell_waiting{{kind="{kind}"}} {many()}' for kind, many in WAITING.items())
    if (last := backup.last(Path(settings.HOME))) is not None:
        yield "# TYPE stepwell_last_backup_age_seconds gauge"
        yield f"stepwell_last_backup_age_seconds {(clock.now() - last).total_seconds():.0f}"


_PROBES: dict[str, Callable[[], HttpResponse]] = {
    "/health/": _live,
    "/health/ready/": _ready,
    "/metrics/": _metrics,
}
