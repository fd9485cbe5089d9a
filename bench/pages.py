"""The team's pages asked for in turn, at every size of caseload, with all that a request costs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median, quantiles
from time import perf_counter

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import caseload
from prove.measures import Measure
from stepwell.clinic import clock
from stepwell.clinic.accounts.models import User
from stepwell.clinic.care import filed
from stepwell.clinic.care.models import Episode, Event, FiledCard

SIZES = (60, 1_000, 10_000, 100_000)
SMALL, LARGE, GROWTH = 1_000, 100_000, 1.3
ROUNDS, AT_ONCE = 60, 10
COMPARED = 100
PAGES = {"Today": "/team/", "the caseload": "/team/caseload"}


@dataclass(slots=True)
class Seen:
    """What one page took at one size, in seconds, and its questions to the database."""

    took: list[float] = field(default_factory=list)
    questions: set[int] = field(default_factory=set)


def _p50(seen: Seen) -> float:
    return median(seen.took)


def _p99(seen: Seen) -> float:
    return quantiles(seen.took, n=100)[98]


def lines(home: Path) -> Iterator[Measure | str]:
    """A measure for each target, over all sizes."""
    with clock.stopped(caseload.NOW):
        users: dict[int, User] = {}
        for size in SIZES:
            begun = perf_counter()
            with caseload.kept_in(home / f"{size}.sqlite3"):
                users[size] = caseload.build(size)
                yield f"({size:,} people made in {perf_counter() - begun:.0f} s, {_held()})"
        yield _cards_are_their_own(home)
        yield _a_fold(home)
        seen = _rounds(home, users)
        for page in PAGES:
            yield from _of(page, {size: seen[size, page] for size in SIZES})


def _held() -> str:

    size = Path(str(connection.settings_dict["NAME"])).stat().st_size / 1e9
    return f"{Event.objects.count():,} events, {FiledCard.objects.count():,} cards, {size:.1f} GB"


def _cards_are_their_own(home: Path) -> Measure:
    """Cards that were copied with their people against cards made anew from the record."""
    shown = ("lane", "rank", "since", "shows_from", "shows_until", "reason", "facts", "urgency")
    with caseload.kept_in(home / f"{LARGE}.sqlite3"):
        every = list(Episode.objects.order_by("pk").values_list("pk", flat=True))
        some = Random(1).sample(every, COMPARED)
        of_some = FiledCard.objects.filter(episode__in=some).order_by("episode", *shown[:4])
        before = list(of_some.values_list("episode", *shown))
        filed.make_anew(Episode.objects.filter(pk__in=some), caseload.NOW)
        same = before == list(of_some.values_list("episode", *shown))
    said = "the same" if same and before else "different"
    return Measure(f"cards of {COMPARED} people made anew from their year", said, "the same", same)


def _a_fold(home: Path) -> str:
    """What an act costs whoever does it, beside the act itself."""
    took = []
    with caseload.kept_in(home / f"{LARGE}.sqlite3"):
        for episode in Episode.objects.order_by("pk")[:60]:
            begun = perf_counter()
            filed.make_anew([episode], caseload.NOW)
            took.append(perf_counter() - begun)
    return f"(after an act: {1000 * median(took):.0f} ms to make one person's cards ahead)"


# --- pages ------------------------------------------------------------------------------------


def _rounds(home: Path, users: Mapping[int, User]) -> dict[tuple[int, str], Seen]:
    """Each page of each size some times, and all over again: what slows the machine slows all."""
    seen = {(size, page): Seen() for size in SIZES for page in PAGES}
    for number in range(ROUNDS + 1):
        for size in SIZES:
            for page, took in _visits(home, size, users[size]).items():
                if number:  # the first is for warmth
                    seen[size, page].took += took.took
                    seen[size, page].questions |= took.questions
    return seen


def _visits(home: Path, size: int, user: User) -> dict[str, Seen]:

    with caseload.kept_in(home / f"{size}.sqlite3"):
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(user)
        return {page: _asked(client, path) for page, path in PAGES.items()}


def _asked(client: Client, path: str) -> Seen:
    seen = Seen()
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    assert b"Made-up" in answer.content
    seen.questions.add(len(asked))
    for _ in range(AT_ONCE):
        begun = perf_counter()
        client.get(path)
        seen.took.append(perf_counter() - begun)
    return seen


def _of(page: str, seen: Mapping[int, Seen]) -> Iterator[Measure]:
    sizes = ", ".join(f"{size:,}" for size in SIZES)
    for name, of in (("p50", _p50), ("p99", _p99)):
        times = [1000 * of(seen[size]) for size in SIZES]
        grown = times[SIZES.index(LARGE)] / times[SIZES.index(SMALL)]
        told = " / ".join(f"{ms:.0f}" for ms in times)
        yield Measure(
            f"{page}, {name} at {sizes} people",
            f"{told} ms, {grown:.2f} times from {SMALL:,} to {LARGE:,}",
            f"{GROWTH} times or less",
            grown <= GROWTH,
        )
    counts = sorted(set().union(*(seen[size].questions for size in SIZES)))
    told = " or ".join(map(str, counts))
    yield Measure(f"{page}, questions to the database", told, "the same", len(counts) == 1)
