"""Two colleagues reach for the same thing at once, ten thousand times: exactly one gets it.

Two processes that live through all races meet at a barrier before each. What each got is counted
by itself, and afterwards the record is asked.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing import get_context
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from faults.scene import AT, Scene, draft
from prove.measures import Measure
from stepwell.clinic.accounts.models import User
from stepwell.clinic.audit.models import Entry
from stepwell.clinic.care import check_ins, decisions, escalations, plans
from stepwell.clinic.care.models import (
    Episode,
    Escalation,
    PlanStatus,
    PlanVersion,
    Review,
)

REFUSALS = (
    plans.Outdated,
    plans.Blocked,
    decisions.AlreadyDecided,
    escalations.AlreadyClosed,
)
A_PAIR = timedelta(days=90)
Reach = Callable[[Any, User, datetime], object]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two acts on one thing: what it is, how it is made ready, and what each of the two does."""

    name: str
    model: type[Model]
    ready: Callable[[Episode, User, datetime], Any]
    reaches: tuple[Reach, Reach]


def _approve(plan: PlanVersion, by: User, at: datetime) -> object:
    return plans.approve(plan, by=by, at=at, expected_version=plan.version)


def _withdraw(plan: PlanVersion, by: User, at: datetime) -> object:
    return plans.withdraw(plan, by=by, at=at)


def _decide(review: Review, by: User, at: datetime) -> object:
    return decisions.decline(review, reason="Seen.", by=by, at=at)


def _close(signal: Escalation, by: User, at: datetime) -> object:
    return escalations.close(signal, outcome="Safe.", by=by, at=at)


def _a_draft(episode: Episode, by: User, at: datetime) -> PlanVersion:
    return draft(episode, by, at)


def _a_signal(episode: Episode, by: User, at: datetime) -> Escalation:
    """Danger told again after it was closed is a new one."""
    told: dict[str, Any] = {"used": None, "answers": {}, "flags": ["seizure"]}
    event_id = f"race-{at.isoformat()}"
    check_ins.record(episode, told, on=at.date(), event_id=event_id, by=episode.person, at=at)
    found = Escalation.objects.filter(episode=episode, closed_at=None).first()
    assert found is not None
    return found


def _a_review(episode: Episode, by: User, at: datetime) -> Review:
    _a_signal(episode, by, at)
    found = Review.objects.filter(episode=episode, status="open").first()
    assert found is not None
    return found


PAIRS = (
    Pair("approve and approve", PlanVersion, _a_draft, (_approve, _approve)),
    Pair("approve and take back", PlanVersion, _a_draft, (_approve, _withdraw)),
    Pair("close and close", Escalation, _a_signal, (_close, _close)),
    Pair("decide and decide", Review, _a_review, (_decide, _decide)),
)


def run(scene: Scene, pair: Pair, count: int, reaches: tuple[Reach, Reach] | None = None) -> Any:
    """Race so often: in how many both won, in how many neither did, and what else went wrong."""
    connection.close()
    context = get_context("fork")
    barrier = context.Barrier(2)
    results = [context.Array("b", count, lock=False) for _ in range(2)]
    shared = context.Array("c", 36, lock=False)
    hands = [
        context.Process(target=_hand, args=(n, scene, pair, reaches, barrier, results[n], shared))
        for n in range(2)
    ]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    won = [sum(got) for got in zip(*results, strict=True)]
    crashed = sum(hand.exitcode != 0 for hand in hands)
    return won.count(2), won.count(0), crashed


def _hand(
    number: int, scene: Scene, pair: Pair, reaches: Any, barrier: Any, got: Any, shared: Any
) -> None:
    """One colleague. Whoever falls lets the other go."""
    try:
        _race(number, scene, pair, reaches or pair.reaches, barrier, got, shared)
    except BaseException:
        barrier.abort()
        raise
    finally:
        connection.close()


def _race(
    number: int, scene: Scene, pair: Pair, reaches: Any, barrier: Any, got: Any, shared: Any
) -> None:
    """The first makes each thing ready; both find it by its id, and reach for it at once."""
    me, reach = scene.prescribers[number], reaches[number]
    begun = AT + A_PAIR * PAIRS.index(pair)  # so that each pair has days of its own
    for turn in range(len(got)):
        at = begun + timedelta(days=turn // len(scene.episodes), seconds=turn)
        if number == 0:
            shared.value = str(_made_ready(scene, pair, turn, at).pk).encode()
        barrier.wait(60)
        thing = pair.model._default_manager.get(pk=shared.value.decode())
        barrier.wait(60)
        try:
            reach(thing, me, at)
            got[turn] = 1
        except REFUSALS:
            got[turn] = 0
        barrier.wait(60)


def _made_ready(scene: Scene, pair: Pair, turn: int, at: datetime) -> Any:
    """On the people in turn; each record is short, so that ten thousand races stay quick."""
    episode = Episode.objects.get(pk=scene.episodes[turn % len(scene.episodes)].pk)
    _put_back(episode, at)
    return pair.ready(episode, scene.staff[0], at)


def _put_back(episode: Episode, at: datetime) -> None:
    """What earlier races left open is closed, and their drafts are taken back."""
    for one in PlanVersion.objects.filter(episode=episode, approved_at=None, withdrawn_at=None):
        plans.withdraw(one, by=one.drafted_by, at=at)
    for signal in Escalation.objects.filter(episode=episode, closed_at=None):
        by = User.objects.get(service=episode.service, username="sam")
        escalations.close(signal, outcome="Safe.", by=by, at=at)


# --- the control --------------------------------------------------------------------------------


def _approve_naively(plan: PlanVersion, by: User, at: datetime) -> object:
    """Look, then write, as it is often done: without the lock, and without comparing."""
    fresh = PlanVersion.objects.get(pk=plan.pk)
    if fresh.status != PlanStatus.DRAFT:
        raise plans.Outdated("too late")
    with transaction.atomic():
        Episode.objects.filter(pk=plan.episode_id).update(supply=plan.episode.supply)
    return fresh


def measures(scene: Scene, count: int) -> Iterator[Measure]:
    """The lines of this part."""
    for pair in PAIRS:
        both, neither, crashed = run(scene, pair, count)
        said = f"{both} in {count:,}"
        fair = both == 0 and crashed == 0
        yield Measure(f"races: {pair.name}, both won", said, f"0 in {count:,}", fair)
        yield Measure(f"races: {pair.name}, nobody won", str(neither), "0", neither == 0)
    few = max(count // 20, 50)
    both, _, _ = run(scene, PAIRS[0], few, (_approve_naively, _approve_naively))
    yield Measure("control: approved without a lock", f"{both} of {few}", "1 or more", both > 0)
    yield _one_signature_each()


def _one_signature_each() -> Measure:
    """The record itself: each approved version has one line of approval and no line has none."""
    signed = PlanVersion.objects.exclude(approved_at=None).count()
    lines = Entry.objects.filter(action="plans.approve").count()
    said = f"{signed} signed, {lines} lines"
    return Measure("races: signatures and their lines", said, "as many", signed == lines)
