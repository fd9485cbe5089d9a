"""`kill -9` of web and worker at each write point: nothing that was answered is lost or doubled.

Each act is done over the whole web stack in a process that dies at one of its write points. Then
the record is read: what was answered is there once, and what belongs together is there together or
not at all. Then the same is sent again, as a phone or a colleague would.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.test import Client

from faults import killed
from faults.killed import Work
from faults.scene import AT, Scene
from prove.measures import Measure
from stepwell.clinic import clock
from stepwell.clinic.accounts.models import User
from stepwell.clinic.audit.models import Entry
from stepwell.clinic.care import acts, escalations, outbox
from stepwell.clinic.care.models import Escalation, Event, Message, Notice, NoticeEnd, Review
from stepwell.clinic.jobs import delivery, senders, worker
from stepwell.clinic.jobs.senders import Outgoing

Check = Callable[[], tuple[int, int]]  # how often it is there, and how many halves of it
DANGER = "check-in with danger"
SEIZURE = {"used": "no", "flags": "seizure", "craving": "2"}
PLAIN = {"used": "no", "craving": "2", "anxiety": "1", "mood": "2", "irritability": "0"}


@dataclass(slots=True)
class Tally:
    """What the kills did."""

    kills: int = 0
    lost: int = 0
    doubled: int = 0
    torn: int = 0
    signals_lost: int = 0
    stuck: int = 0
    points: set[tuple[str, int]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that somebody does, and what must then be in the record."""

    name: str
    do: Work
    there: Check


# --- the web ------------------------------------------------------------------------------------


class Web:
    """Everybody's browser, signed in once."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.sent = scene, 0
        self.clients = {user.pk: self._signed_in(user) for user in self._users()}

    def _users(self) -> list[User]:
        return [*self.scene.staff, *(one.person for one in self.scene.episodes)]

    def _signed_in(self, user: User) -> Client:
        client = Client(SERVER_NAME="127.0.0.1", raise_request_exception=False)
        client.force_login(user)
        return client

    def post(self, user: User, path: str, told: dict[str, Any]) -> bool:
        return self.clients[user.pk].post(path, told).status_code in (200, 302)

    def acts(self) -> Iterator[Act]:
        """One act after the other, for ever, each on another person in turn."""
        while True:
            for episode in self.scene.episodes:
                yield self.check_in(episode, PLAIN)
                yield self.check_in(episode, SEIZURE)
                yield from self.seen_and_closed(episode)
                yield self.message(episode)

    def check_in(self, episode: Any, told: dict[str, Any]) -> Act:
        self.sent += 1
        told = told | {"event_id": f"kill-{uuid4()}", "on": str(clock.now().date())}
        name = DANGER if "flags" in told else "check-in"

        def do() -> bool:
            return self.post(episode.person, "/check-in/waited/", told)

        return Act(name, do, lambda: _check_in_is_whole(told["event_id"], danger="flags" in told))

    def seen_and_closed(self, episode: Any) -> Iterator[Act]:
        signal = Escalation.objects.filter(episode=episode, closed_at=None).first()
        if signal is None:
            return
        seen, closed = f"/team/signals/{signal.pk}/", f"/team/signals/{signal.pk}/close"
        desk = self.scene.staff[0]
        yield Act(
            "seen",
            lambda: self.post(desk, f"{seen}acknowledge", {}),
            lambda: _is_once("escalations.acknowledge", signal, "acknowledged_at"),
        )
        yield Act(
            "closed with an outcome",
            lambda: self.post(desk, closed, {"outcome": "Safe."}),
            lambda: _is_once("escalations.close", signal, "closed_at"),
        )

    def message(self, episode: Any) -> Act:
        message_id, person = str(uuid4()), episode.person
        told = {"text": "Hello", "message_id": message_id}

        def there() -> tuple[int, int]:
            count = Message.objects.filter(message_id=message_id).count()
            lines = Entry.objects.filter(action="messages.send", episode_id=episode.pk).count()
            return count, abs(Message.objects.filter(episode=episode).count() - lines)

        return Act("message", lambda: self.post(person, "/messages/", told), there)


def _check_in_is_whole(event_id: str, *, danger: bool) -> tuple[int, int]:
    """The event with its line and review, and for danger its signal with line and clock."""
    found = list(Event.objects.filter(event_id=event_id))
    detail = {"action": "check_ins.record", "detail__event": event_id}
    halves = abs(Entry.objects.filter(**detail).count() - len(found))
    for event in found:
        reviewed = Review.objects.filter(episode=event.episode, last_sequence__gte=event.sequence)
        halves += not reviewed.exists()
    if danger and found:
        halves += _danger_is_missing(found[0])
    return len(found), halves


def _danger_is_missing(event: Event) -> int:
    signals = Escalation.objects.filter(episode=event.episode, key="seizure")
    open_ = signals.filter(closed_at=None).first()
    if open_ is None:
        return 1
    lines = Entry.objects.filter(episode_id=event.episode_id, subject="seizure")
    raised = lines.filter(action="escalations.raise").count()
    return (raised != signals.count()) + (open_.acknowledged_at is None and not _clock_runs(open_))


def _clock_runs(signal: Escalation) -> bool:
    return signal.climbs_at is not None and Notice.objects.filter(escalation=signal).exists()


def _is_once(action: str, signal: Escalation, mark: str) -> tuple[int, int]:
    done = Escalation.objects.filter(pk=signal.pk, **{f"{mark}__isnull": False}).count()
    lines = Entry.objects.filter(action=action, detail__escalation=str(signal.pk)).count()
    return done, abs(done - lines)


def web(scene: Scene, kills: int, only: str = "") -> Tally:
    """So many kills, spread over every write point of each kind of act, or of `only` one."""
    tally, browser, turns = Tally(), Web(scene), dict[str, int]()
    lengths: dict[str, int] = {}
    for act in browser.acts():
        if tally.kills >= kills:
            return tally
        if act.name != (only or act.name):
            act.do()
            continue
        if act.name not in lengths:  # the first of its kind lives, and tells how many points
            lengths[act.name] = killed.run(act.do).points
            continue
        turn = turns.get(act.name, 0)
        turns[act.name] = turn + 1
        _kill(act, turn % (lengths[act.name] + 1), tally)
    return tally


def _kill(act: Act, at: int, tally: Tally) -> None:
    first = killed.run(act.do, at)
    count, halves = act.there()
    tally.kills += first.killed
    tally.points.add((act.name, at))
    tally.lost += first.answered and count == 0
    tally.torn += halves > 0
    again = killed.run(act.do)  # the phone sends it again, the colleague taps again
    count, halves = act.there()
    tally.lost += not again.answered or count == 0
    tally.doubled += count > 1
    tally.signals_lost += halves > 0


# --- the worker ---------------------------------------------------------------------------------


def of_the_worker(scene: Scene, kills: int, folder: Path) -> Tally:
    """The timers die at each of their write points, and between sending and noting that it went."""
    tally, at, browser = Tally(), AT + timedelta(days=1), Web(scene)
    while tally.kills < kills:
        for episode in scene.episodes:
            at += timedelta(minutes=1)
            with clock.stopped(at):
                browser.check_in(episode, SEIZURE).do()
                _kill_the_worker(at, folder, tally)
                for signal in Escalation.objects.filter(episode=episode, closed_at=None):
                    by = scene.staff[0]
                    escalations.close(signal, outcome="Safe.", by=by, at=at)
            at += outbox.HELD_FOR
    return tally


def _kill_the_worker(at: datetime, folder: Path, tally: Tally) -> None:
    """Killed at a later point each time until it lives through its round; then the next goes on."""
    open_ = {"escalation__closed_at": None, "escalation__acknowledged_at": None}
    mine = list(Notice.objects.filter(ended_at=None, **open_).values_list("pk", flat=True))
    point = tally.kills % 7
    while killed.run(lambda: _round(at, folder), point).killed:
        tally.kills += 1
        tally.points.add(("worker", point))
        point += 5
    later = at + outbox.HELD_FOR
    killed.run(lambda: _round(later, folder))
    told = Notice.objects.filter(pk__in=mine)
    tally.stuck += told.filter(ended_at=None).count()
    tally.lost += sum(not (folder / f"{one.pk}.json").exists() for one in told)
    tally.doubled += told.filter(ended=NoticeEnd.SENT).count() - len(mine)


def _round(at: datetime, folder: Path) -> bool:
    """Every job once, and what is due until nothing is; each sending leaves a line as well."""
    keep = senders.into(folder)

    def send(one: Outgoing) -> None:
        with (folder / "sendings").open("a", encoding="ascii") as file:
            file.write(f"{one.id}\n")
        keep(one)

    by = {"email": send, "sms": send}
    jobs = tuple(one for one in worker.JOBS if one.name != "notices")
    worker.go_round(at, jobs)
    while delivery.deliver(at, by):
        pass
    return True


# --- controls: made to lose, and they must be seen to -------------------------------------------


@contextmanager
def patched(of: Any, name: str, put: Any) -> Iterator[None]:
    before = getattr(of, name)
    setattr(of, name, put)
    try:
        yield
    finally:
        setattr(of, name, before)


def answers_before_it_writes(scene: Scene, kills: int) -> int:
    """The answer goes out before the write: how many answered check-ins a kill then loses."""
    real = killed.run

    def too_early(work: Work, at: int | None = None) -> killed.Outcome:
        done = real(work, at)
        return replace(done, answered=True)

    with patched(killed, "run", too_early):
        return web(scene, kills).lost


def signals_after_the_commit(scene: Scene, kills: int) -> int:
    """A signal raised when the check-in has been written: how many a kill then leaves without."""
    real = escalations.raise_all

    def later(review: Review) -> list[Escalation]:
        def raise_() -> None:
            with transaction.atomic():
                real(review)

        transaction.on_commit(raise_)
        return []

    with patched(escalations, "raise_all", later):
        return web(scene, kills, only=DANGER).torn


def the_same_id_is_not_looked_for(scene: Scene, kills: int) -> int:
    """A check-in under a new id each time it is sent: how many a second sending then doubles."""
    real: Callable[..., Event] = acts.write

    def with_another_id(*told: Any, **also: Any) -> Event:
        return real(*told, **also | {"event_id": str(uuid4())})

    def sent_twice(episode: Any) -> int:
        told = PLAIN | {"event_id": "the same", "on": str(clock.now().date())}
        browser, before = Web(scene), Event.objects.count()
        for _ in range(2):
            browser.post(episode.person, "/check-in/waited/", told)
        return Event.objects.count() - before - 1

    with patched(acts, "write", with_another_id):
        return sum(sent_twice(episode) for episode in scene.episodes[:kills])


def marked_before_it_is_sent(scene: Scene, kills: int, folder: Path) -> int:
    """A worker that marks a notice and then sends it: how many a kill then loses."""
    real = outbox.take

    def marked(at: datetime, most: int) -> list[Notice]:
        taken = real(at, most)
        for notice in taken:
            outbox.end(notice, NoticeEnd.SENT, at=at)
        return taken

    with patched(outbox, "take", marked):
        return of_the_worker(scene, kills, folder).lost


def measures(scene: Scene, home: Path, kills: int) -> Iterator[Measure]:
    """The lines of this part."""
    folder = home / "sent"
    folder.mkdir(mode=0o700)
    with clock.stopped(AT):
        told = web(scene, kills * 6 // 10)
    work = of_the_worker(scene, kills - told.kills, folder)
    all_kills = told.kills + work.kills
    points = len(told.points | work.points)
    yield Measure(
        "kills: web and worker",
        f"{all_kills} at {points} write points",
        f"≥ {kills}",
        all_kills >= kills,
    )
    yield _none("kills: answered acts that were lost", told.lost)
    yield _none("kills: acts that were doubled", told.doubled)
    yield _none("kills: acts of which a half was there", told.torn + told.signals_lost)
    yield _none("kills: notices that were lost", work.lost)
    yield _none("kills: notices that ended twice", max(work.doubled, 0))
    yield _none("kills: jobs that were stuck", work.stuck)
    yield _told_apart(folder)
    few = max(kills // 20, 100)
    with clock.stopped(AT + timedelta(days=2)):
        yield _seen("control: answered before it is written", answers_before_it_writes(scene, few))
        yield _seen("control: signal raised after the commit", signals_after_the_commit(scene, few))
        yield _seen("control: sent again under another id", the_same_id_is_not_looked_for(scene, 3))
    other = home / "control"
    other.mkdir(mode=0o700)
    yield _seen("control: marked before it is sent", marked_before_it_is_sent(scene, few, other))
    connection.close()


def _told_apart(folder: Path) -> Measure:
    """A kill between sending and noting sends again: under an id that the provider knows."""
    ids = (folder / "sendings").read_text(encoding="ascii").split()
    files = len(list(folder.glob("*.json")))
    said = f"{len(ids) - files} of {len(ids)}"
    return Measure(
        "kills: sent again, under the id sent before", said, "any", len(set(ids)) == files
    )


def _none(name: str, count: int) -> Measure:
    return Measure(name, str(count), "0", count == 0)


def _seen(name: str, count: int) -> Measure:
    return Measure(name, f"{count} seen", "1 or more", count > 0)
