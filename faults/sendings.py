"""What phones and disks do: sent twice, late and out of order; a full disk, a server that falls.

Whatever was answered is there once; whatever was not is there once after it was sent again.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from multiprocessing import get_context
from random import Random
from typing import Any

from django.db import DatabaseError, connection

from faults import killed
from faults.databases import Database
from faults.kills import PLAIN, SEIZURE, Web
from faults.scene import AT, Scene
from prove.measures import Measure
from stepwell.clinic import clock
from stepwell.clinic.audit import chain
from stepwell.clinic.care.models import Escalation, Event, Notice
from stepwell.clinic.jobs import worker

PHONES = 4
Sending = tuple[int, dict[str, Any]]  # whose, and what


def _queue(dice: Random, people: int, count: int, word: str) -> list[Sending]:
    """So many check-ins of several days, some of them told some days late."""
    days = [(AT - timedelta(days=n)).date() for n in range(7)]
    return [
        (
            dice.randrange(people),
            PLAIN | {"event_id": f"{word}-{number}", "on": str(dice.choice(days))},
        )
        for number in range(count)
    ]


def _stored(word: str) -> tuple[int, int]:
    """How many of them are there, and how many of those more than once."""
    found = list(Event.objects.filter(event_id__startswith=f"{word}-").values_list("event_id"))
    return len(set(found)), len(found) - len(set(found))


# --- twice, late, out of order ------------------------------------------------------------------


def shuffled(scene: Scene, count: int, seed: int = 1) -> Iterator[Measure]:
    """Four phones at once send the same queue, each in an order of its own, some of it twice."""
    queue = _queue(Random(seed), len(scene.episodes), count, "shuffled")
    connection.close()
    context = get_context("fork")
    phones = [context.Process(target=_send, args=(scene, queue, n)) for n in range(PHONES)]
    for phone in phones:
        phone.start()
    for phone in phones:
        phone.join()
    found, doubled = _stored("shuffled")
    crashed = sum(phone.exitcode != 0 for phone in phones)
    said = f"{found} of {count}"
    yield Measure(
        "sendings: twice, late and reordered", said, "all", found == count and not crashed
    )
    yield Measure("sendings: of those there twice", str(doubled), "0", doubled == 0)


def _send(scene: Scene, queue: list[Sending], number: int) -> None:
    dice, browser = Random(number), Web(scene)
    mine = [*queue, *dice.sample(queue, len(queue) // 3)]
    dice.shuffle(mine)
    unanswered = 0
    with clock.stopped(AT):
        for whose, told in mine:
            person = scene.episodes[whose].person
            unanswered += not browser.post(person, "/check-in/waited/", told)
    connection.close()
    if unanswered:
        raise SystemExit(1)


# --- a full disk --------------------------------------------------------------------------------


def full_disk(scene: Scene, count: int) -> Iterator[Measure]:
    """Until nothing more fits; then there is room again and all is sent again."""
    queue, fill = _queue(Random(2), len(scene.episodes), count, "full"), _no_more_room
    answered = _answered_while_full(scene, queue, fill)
    lost = sum(not Event.objects.filter(event_id=one).exists() for one in answered)
    said = f"{count - len(answered)} of {count} refused"
    yield Measure(
        "full disk: answered and not there",
        f"{lost}, {said}",
        "0, some refused",
        lost == 0 and len(answered) < count,
    )
    with clock.stopped(AT):
        browser = Web(scene)
        for whose, told in queue:
            browser.post(scene.episodes[whose].person, "/check-in/waited/", told)
    found, doubled = _stored("full")
    yield Measure(
        "full disk: there after it was sent again",
        f"{found} of {count}",
        "all, once",
        found == count and doubled == 0,
    )
    whole = all(one.broken is None for one in chain.verify())
    yield Measure("full disk: the trail", "whole" if whole else "broken", "whole", whole)


def _no_more_room() -> None:
    """A dozen pages and no more, for the process that calls it."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count={pages + 12}")


def _answered_while_full(scene: Scene, queue: list[Sending], fill: Callable[[], None]) -> list[str]:
    """One process sends all; what was answered it writes down."""
    reads, writes = os.pipe()

    def work() -> bool:
        browser = Web(scene)
        fill()
        with clock.stopped(AT):
            for whose, told in queue:
                person = scene.episodes[whose].person
                if browser.post(person, "/check-in/waited/", told):
                    os.write(writes, f"{told['event_id']} ".encode())
        return True

    killed.run(work)
    os.close(writes)
    with os.fdopen(reads, encoding="ascii") as said:
        return said.read().split()


# --- a server that falls ------------------------------------------------------------------------


def restarts(scene: Scene, database: Database, count: int, falls: int) -> Iterator[Measure]:
    """The server of the database is crashed and started again while check-ins come in."""
    queue = _queue(Random(3), len(scene.episodes), count, "fallen")
    connection.close()
    context = get_context("fork")
    phone = context.Process(target=_send_until_answered, args=(scene, queue))
    phone.start()
    done = 0
    while phone.is_alive() and done < falls and database.restart:
        phone.join(0.5)
        database.restart()
        done += 1
    phone.join()
    found, doubled = _stored("fallen")
    said = f"{found} of {count} over {done} crashes, {doubled} twice"
    whole = found == count and doubled == 0 and phone.exitcode == 0
    yield Measure(
        "restarts: answered check-ins that are there",
        said,
        f"all, {falls} crashes",
        whole and done == falls,
    )


def _send_until_answered(scene: Scene, queue: list[Sending]) -> None:
    browser = Web(scene)
    with clock.stopped(AT):
        for whose, told in queue:
            person, told_once = scene.episodes[whose].person, False
            while not told_once:
                with suppress(DatabaseError):
                    told_once = browser.post(person, "/check-in/waited/", told)
                if not told_once:
                    connection.close()
    connection.close()


# --- a clock that jumps -------------------------------------------------------------------------


def jumps(scene: Scene, count: int, seed: int = 4) -> Iterator[Measure]:
    """Days and months ahead and back, between any two requests and rounds of the worker."""
    dice, browser, answered = Random(seed), Web(scene), 0
    far = [timedelta(seconds=1), timedelta(hours=3), timedelta(days=2), timedelta(days=200)]
    faults, begun = 0, AT + timedelta(days=300)
    before = Escalation.objects.filter(closed_at=None).count()
    for number in range(count):
        at = begun + dice.choice(far) * dice.choice((-1, 1))
        with clock.stopped(at):
            told = (SEIZURE if number % 5 == 0 else PLAIN) | {"event_id": f"jump-{number}"}
            told |= {"on": str(at.date())}
            episode = dice.choice(scene.episodes)
            answered += browser.post(episode.person, "/check-in/waited/", told)
            faults += _round(at)
    found, doubled = _stored("jump")
    said = f"{found} of {answered} answered, {doubled} twice"
    whole = found == answered == count and doubled == 0
    yield Measure("clock jumps: check-ins that are there", said, f"{count}, once", whole)
    yield Measure("clock jumps: rounds that failed", str(faults), "0", faults == 0)
    standing = Escalation.objects.filter(closed_at=None).count()
    yield Measure(
        "clock jumps: signals that a jump ended",
        str(max(before - standing, 0)),
        "0",
        standing >= before,
    )
    keys = list(Notice.objects.values_list("key", flat=True))
    yield Measure(
        "clock jumps: notices written twice",
        str(len(keys) - len(set(keys))),
        "0",
        len(keys) == len(set(keys)),
    )


def _round(at: datetime) -> int:
    """How many jobs did not come to their end."""
    due = {job.name for job in worker.JOBS if job.every == timedelta(0)}
    done = {name for name, _ in worker.go_round(at)}
    return len(due - done)


def measures(scene: Scene, database: Database, count: int) -> Iterator[Measure]:
    """The lines of this part."""
    yield from shuffled(scene, count)
    if database.kind == "sqlite":
        yield from full_disk(scene, count)
    else:
        yield from restarts(scene, database, count * 4, falls=20)
    yield from jumps(scene, count)
    yield _seen_without_ids(scene)


def _seen_without_ids(scene: Scene) -> Measure:
    """The control: the same sent twice with no id of the phone's is two, and is seen to be."""
    before, browser = Event.objects.count(), Web(scene)
    with clock.stopped(AT):
        for _ in range(2):
            told = {**PLAIN, "on": str(AT.date())}
            browser.post(scene.episodes[0].person, "/check-in/waited/", told)
    more = Event.objects.count() - before - 1
    return Measure("control: sent twice without an id", f"{more} seen", "1 or more", more > 0)
