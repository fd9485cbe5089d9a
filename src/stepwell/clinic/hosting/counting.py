"""Counts of requests and how long they took, summed over the workers of one home.

Each worker keeps its own, and writes them beside the others' at most once a second: what is read
is at most the last second of each worker behind. No count is about a person.
"""

import json
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

from django.conf import settings

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
FOLDER = "metrics"
_EVERY = 1.0
_lock = Lock()
_counts: defaultdict[str, float] = defaultdict(float)
_written = [0.0]


def count(method: str, route: str, status: int, seconds: float) -> None:
    """Count one request, and write all counts where the last writing is a second ago."""
    with _lock:
        labels = f'method="{method}",route="{route}",status="{status}"'
        _counts[f"stepwell_requests_total{{{labels}}}"] += 1
        _counts[f'stepwell_request_seconds_sum{{route="{route}"}}'] += seconds
        _counts[f'stepwell_request_seconds_count{{route="{route}"}}'] += 1
        for upto in (one for one in BUCKETS if seconds <= one):
            _counts[f'stepwell_request_seconds_bucket{{route="{route}",le="{upto}"}}'] += 1
        _counts[f'stepwell_request_seconds_bucket{{route="{route}",le="+Inf"}}'] += 1
        if time.monotonic() - _written[0] >= _EVERY:
            _write()


def _folder() -> Path:
    return Path(settings.HOME) / FOLDER


def _write() -> None:
    """A full disk stops no answer: the counts wait."""
    _written[0] = time.monotonic()
    place = _folder() / f"{os.getpid()}.json"
    try:
        place.parent.mkdir(mode=0o700, exist_ok=True)
        draft = place.with_suffix(".draft")
        draft.write_text(json.dumps(_counts), encoding="utf-8")
        draft.replace(place)
    except OSError:
        return


def start_afresh() -> None:
    """Counts begin with the service; those of workers that are gone are let go."""
    for place in _folder().glob("*"):
        place.unlink(missing_ok=True)


def lines() -> Iterator[str]:
    """All counts of all workers, as text for Prometheus."""
    with _lock:
        _write()
    total: defaultdict[str, float] = defaultdict(float)
    for place in _folder().glob("*.json"):
        for name, value in json.loads(place.read_text(encoding="utf-8")).items():
            total[name] += value
    yield "# TYPE stepwell_requests_total counter"
    yield "# TYPE stepwell_request_seconds histogram"
    yield from (f"{name} {value}" for name, value in sorted(total.items()))
