"""Too many requests from one account or address in a minute are put off; help never is.

Each worker counts for itself, in memory: this keeps a flood from the database, and an exact count
is not needed. What must be exact, wrong passwords, is counted in `lockout`. The limits are wide: no
hand is so quick, and a phone that was offline for a week sends its queue well within them.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from stepwell.clinic import clock

A_MINUTE = timedelta(minutes=1)
READS, WRITES, AS_NOBODY = 1200, 300, 300  # a minute; without a sign-in, from one address
NEVER = ("/help/", "/static/", "/health/")  # whatever happens, these answer


class PutOff:
    """Middleware: 429 with a plain page, and the text that was typed stays in the browser."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.minute, self.seen = 0, Counter[tuple[str, bool]]()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(NEVER) or not self._is_too_much(request):
            return self.get_response(request)
        answer = render(request, "429.html", status=429)
        answer["Retry-After"] = "60"
        return answer

    def _is_too_much(self, request: HttpRequest) -> bool:
        self._turn_over()
        who, writes = _who(request), request.method not in ("GET", "HEAD", "OPTIONS")
        self.seen[(who, writes)] += 1
        most = AS_NOBODY if who.startswith("address") else WRITES if writes else READS
        return self.seen[(who, writes)] > most

    def _turn_over(self) -> None:
        minute = int(clock.now().timestamp() // A_MINUTE.total_seconds())
        if minute != self.minute:
            self.minute = minute
            self.seen.clear()


def _who(request: HttpRequest) -> str:
    if request.user.is_authenticated:
        return f"account {request.user.pk}"
    return f"address {address(request)}"


def address(request: HttpRequest) -> str:
    """Where a request comes from: behind a proxy, what that proxy itself has seen."""
    told = request.headers.get("X-Forwarded-For", "")
    if settings.BEHIND_PROXY and told:
        return told.rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
