"""A made-up clinic of two hundred people for a year, with providers and the worker falling down.

Everything is drawn from a seed: who tells what and when, which colleague acts on which notice, when
a provider or the worker is down. Time goes from one thing that happens to the next. At each
instant at which the worker runs, every signal must be taken by a human or on its next rung.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any

from faults.scene import AT, CALM, Scene
from prove.measures import Measure
from stepwell.clinic.accounts.models import Role, User
from stepwell.clinic.care import access, alerts, check_ins, escalations
from stepwell.clinic.care.models import Episode, Escalation, Notice, NoticeEnd
from stepwell.clinic.jobs import delivery
from stepwell.clinic.jobs.senders import Outgoing, Sender, Unreachable

YEAR = 365
TOLD_A_DAY = 0.1  # of all people: so that a year is played in minutes
DANGERS = ("seizure", "jaundice", "suicidal_thoughts", "blood_in_urine")
IN_DANGER, ACTS = 0.04, 0.4
SOON = timedelta(minutes=3)  # by which what one provider cannot take must have left by another
MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class Seen:
    """What a year showed."""

    told: int = 0
    late: int = 0
    behind: timedelta = timedelta(0)
    unheard: int = 0
    downs: int = 0
    rounds: int = 0
    sent: dict[str, datetime] = field(default_factory=dict)


class Year:
    """One year of a seed. `things` is what is still to happen, by its instant."""

    def __init__(
        self, scene: Scene, seed: int, days: int = YEAR, *, clock_runs: bool = True
    ) -> None:
        self.scene, self.dice, self.seen = scene, Random(seed), Seen()
        self.until, self.clock_runs = AT + timedelta(days=days), clock_runs
        self.down: dict[str, bool] = {"email": False, "sms": False, "worker": False}
        self.numbers = count()  # of two things at one instant the first drawn comes first
        self.things: list[tuple[datetime, int, str, Any]] = []
        self.acted: set[str] = set()
        self._draw(days)

    def _plan(self, at: datetime, what: str, about: Any = None) -> None:
        heappush(self.things, (at, next(self.numbers), what, about))

    def _draw(self, days: int) -> None:
        for _ in range(int(len(self.scene.episodes) * TOLD_A_DAY * days)):
            at = AT + self.dice.random() * timedelta(days=days)
            self._plan(at, "tells", self.dice.choice(self.scene.episodes))
        for day in range(0, days, 2):
            self._fall(AT + timedelta(days=day, hours=self.dice.random() * 24))

    def _fall(self, at: datetime) -> None:
        """One provider is down for up to a day, or the worker for up to an hour."""
        what = self.dice.choice(("email", "sms", "worker"))
        longest = timedelta(hours=1) if what == "worker" else timedelta(days=1)
        self._plan(at, "falls", what)
        self._plan(at + self.dice.random() * longest, "rises", what)

    def play(self) -> Seen:
        """From the first thing to the last; the worker goes round at each, and when one is due."""
        at = AT
        while at < self.until:
            at = self._next(at)
            while self.things and self.things[0][0] <= at:
                _, _, what, about = heappop(self.things)
                getattr(self, f"_{what}")(at, about)
            self._go_round(at)
        return self.seen

    def _next(self, at: datetime) -> datetime:
        """The next instant at which anything is to happen or to be sent."""
        signal = Escalation.objects.filter(climbs_at__gt=at, closed_at=None).order_by("climbs_at")
        notice = Notice.objects.filter(due_at__gt=at, ended_at=None).order_by("due_at")
        coming = [one for one in (_first(signal, "climbs_at"), _first(notice, "due_at")) if one]
        coming += [self.things[0][0]] if self.things else [self.until]
        return max(min(coming), at + timedelta(seconds=1))

    # --- what happens ---------------------------------------------------------------------------

    def _tells(self, at: datetime, episode: Episode) -> None:
        told: dict[str, Any] = {"used": False, "answers": CALM, "safety": "no"}
        if self.dice.random() < IN_DANGER:
            told |= {"flags": [self.dice.choice(DANGERS)]}
        event_id = f"year-{self.seen.told}"
        check_ins.record(episode, told, on=at.date(), event_id=event_id, by=episode.person, at=at)
        self.seen.told += 1

    def _falls(self, _: datetime, what: str) -> None:
        others = {"email", "sms"} - {what}
        if what == "worker" or not any(self.down[one] for one in others):  # any one, not both
            self.down[what] = True
            self.seen.downs += 1

    def _rises(self, _: datetime, what: str) -> None:
        self.down[what] = False

    def _sees(self, at: datetime, told: tuple[User, Escalation]) -> None:
        user, signal = told
        escalations.acknowledge(signal, by=user, at=at)
        self._plan(at + self.dice.random() * timedelta(hours=10), "ends", told)

    def _ends(self, at: datetime, told: tuple[User, Escalation]) -> None:
        user, signal = told
        try:
            escalations.close(signal, outcome="Safe.", by=user, at=at)
        except escalations.AlreadyClosed:
            return

    # --- the worker -----------------------------------------------------------------------------

    def _go_round(self, at: datetime) -> None:
        if self.down["worker"]:
            return
        self.seen.rounds += 1
        overdue = _first(alerts.due(at), "climbs_at")
        self.seen.behind = max(self.seen.behind, at - overdue if overdue else timedelta(0))
        while self.clock_runs and alerts.climb(at):
            pass
        while delivery.deliver(at, self._senders(at)):
            pass
        self.seen.late += alerts.due(at).count()
        self._look_whether_it_left(at)

    def _senders(self, at: datetime) -> dict[str, Sender]:
        return {channel: self._sender(channel, at) for channel in ("email", "sms")}

    def _sender(self, channel: str, at: datetime) -> Sender:
        def send(one: Outgoing) -> None:
            if self.down[channel]:
                raise Unreachable("down")
            self.seen.sent[one.id] = at
            self._act_on(one.id, at)

        return send

    def _act_on(self, notice_id: str, at: datetime) -> None:
        """A colleague acts on some of what they are told, some minutes later."""
        notice = Notice.objects.select_related("to", "escalation__episode").get(pk=notice_id)
        signal = notice.escalation
        sees = notice.to.role in access.CLINICAL and notice.kind == "signal"
        if signal is None or self.dice.random() > ACTS:
            return
        told = (notice.to, signal)
        if notice.to.role != Role.MANAGER:
            later = at + MINUTE * self.dice.randrange(1, 90)
            self._plan(later, "sees" if sees else "ends", told)

    def _look_whether_it_left(self, at: datetime) -> None:
        """With one provider down, whoever was told is told by the other."""
        waits = Notice.objects.filter(ended_at=None, tries__gt=0, made_at__lte=at - SOON)
        for notice in waits.select_related("to")[:50]:
            stem = notice.key.rpartition(":")[0]
            others = Notice.objects.filter(key__startswith=stem, ended=NoticeEnd.SENT)
            if not others.exists() and stem not in self.acted:
                self.acted.add(stem)
                self.seen.unheard += 1


def _first(found: Any, name: str) -> datetime | None:
    told: datetime | None = found.values_list(name, flat=True).first()
    return told


def measures(scene: Scene, days: int, seeds: tuple[int, ...] = (1,)) -> Iterator[Measure]:
    """The lines of this part."""
    for seed in seeds:
        seen = Year(scene, seed, days).play()
        signals = Escalation.objects.exclude(urgency="routine").count()
        played = f"{len(scene.episodes)} people, {days} days, {seen.told:,} check-ins"
        said = f"{signals} signals, {seen.downs} falls, {played}"
        yield Measure(f"year {seed}: played", said, "as drawn", seen.told > 0 and signals > 0)
        late = f"{seen.late} over {seen.rounds:,} rounds"
        yield Measure(
            f"year {seed}: signals past their rung while the worker ran", late, "0", seen.late == 0
        )
        hour = timedelta(hours=1)
        behind = f"{seen.behind.total_seconds() / 60:.0f} min"
        yield Measure(
            f"year {seed}: the latest after the worker was down",
            behind,
            "60 min",
            seen.behind <= hour,
        )
        yield Measure(
            f"year {seed}: told on no way with one provider down",
            str(seen.unheard),
            "0",
            seen.unheard == 0,
        )
        unclosed = Escalation.objects.filter(closed_at__isnull=False, closed_by=None).count()
        yield Measure(
            f"year {seed}: signals that no human ended", str(unclosed), "0", unclosed == 0
        )
    stopped = Year(scene, 9, min(days, 20), clock_runs=False).play().late
    yield Measure("control: a clock that stands still", f"{stopped} seen", "1 or more", stopped > 0)
