"""What is written to standard error: one JSON object a line, made of a few known fields alone.

Nothing is scrubbed out of a line, for what is looked for can be missed: a line is built from the
names in FIELDS, and a fault from its kind and the places in the code that it passed. No address,
no query, no form, no name, no cookie, no header and no words of an error get in.
"""

import json
import logging
import time
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse

from stepwell.clinic.hosting import counting

REQUESTS = logging.getLogger("stepwell.requests")
FIELDS = ("method", "route", "status", "ms")
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
NOWHERE = "none"  # no route of ours: the address itself may be what somebody typed


class Formatter(logging.Formatter):
    """A log record as a line of JSON, whoever wrote it."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"at": at, "level": record.levelname, "logger": record.name}
        line |= {name: vars(record)[name] for name in FIELDS if name in vars(record)}
        if record.name != REQUESTS.name:
            line["said_at"] = f"{record.module}:{record.lineno}"
        if record.exc_info and record.exc_info[1]:
            line["fault"] = _fault(record.exc_info[1])
        return json.dumps(line)


def _fault(error: BaseException) -> Mapping[str, Any]:
    """The kind of an error and where it came through; its words may carry what somebody typed."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames]
    return {"kind": type(error).__name__, "through": places}


def requests(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """The outermost middleware but one: one line and one count for each request."""

    def answered(request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        response = answer(request)
        took = time.perf_counter() - begun
        method, named, status = _method(request), route(request), response.status_code
        told = {"method": method, "route": named, "status": status, "ms": round(took * 1000, 1)}
        REQUESTS.info("request", extra=told)
        counting.count(method, named, status, took)
        return response

    return answered


def _method(request: HttpRequest) -> str:
    return str(request.method) if request.method in METHODS else "other"


def route(request: HttpRequest) -> str:
    """The name of the screen that answered, such as `team:person`: never the address."""
    found = request.resolver_match
    return (found.view_name or NOWHERE) if found else NOWHERE
