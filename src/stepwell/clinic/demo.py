"""The demo service: twelve made-up people whose histories the real engine has decided day by day.

The cast (data/demo/cast.json) says where somebody starts and how their days go; what follows from
that is asked of the engine through the same doors as in real use, never written by hand.
"""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.utils import DatabaseError

from stepwell import catalogue
from stepwell.clinic.accounts import consents, people, ways
from stepwell.clinic.accounts.models import Channel, ConsentKind, Role, Service, User
from stepwell.clinic.care import (
    acts,
    check_ins,
    days,
    duty,
    episodes,
    measurements,
    plans,
    profiles,
    reviews,
    safeguarding,
)
from stepwell.clinic.care.models import Answer, ContactHow, Episode, PlanVersion

ITEMS = ("craving", "anxiety", "mood", "irritability", "sleep", "body", "getting_things_done")
# Lowest and highest answer of a made-up day, by how the day went.
MOODS = {"calm": (0, 3), "free": (0, 3), "pain": (1, 4), "middling": (3, 5), "severe": (9, 10)}
WEEK = 7
TEACH_BACK = ["The amount is the most.", "I can hold.", "I tell Help or my team."]


class NotAsCast(Exception):
    """Somebody's days did not lead to where the cast says; the demo would not show it."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """One way into the demo. The password is made at random and kept nowhere."""

    name: str
    role: str
    username: str
    password: str
    note: str


@dataclass(frozen=True, slots=True)
class _Team:
    service: Service
    keyworker: User
    prescriber: User


@dataclass(slots=True)
class _Life:
    """One made-up person on the way: who they are, who looks after them, and their own dice."""

    cast: Mapping[str, Any]
    episode: Episode
    person: User
    team: _Team
    dice: Random
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.episode.time_zone)

    @property
    def today(self) -> date:
        return days.today(self.episode, self.now)

    def instant(self, on: date, hour: int, minute: int = 0) -> datetime:
        return datetime(on.year, on.month, on.day, hour, minute, tzinfo=self.zone)


def start_afresh() -> None:
    """Drop the last demo. Raises WrongKind, and changes nothing, where anything else is kept."""
    try:
        found = _holds_a_demo()
    except DatabaseError as error:
        raise people.WrongKind(
            f"The demo is refused: the database cannot be read ({error})."
        ) from error
    if found:
        _drop()


def _holds_a_demo() -> bool:
    """True for a demo, False for an empty database; WrongKind for all that is not ours to drop."""
    tables = connection.introspection.table_names()
    if tables and Service._meta.db_table not in tables:
        raise people.WrongKind("The demo is refused: this database belongs to another program.")
    if tables and people.real_services_exist():
        raise people.WrongKind("The demo is refused: this database has a real service in it.")
    return bool(tables) and people.only_service() is not None


def _drop() -> None:
    """Remove the file that a demo is kept in."""
    if connection.vendor != "sqlite":
        raise people.WrongKind("A demo is kept here already. Give the new one an empty database.")
    name = connection.settings_dict["NAME"]
    connection.close()
    for ending in ("", "-wal", "-shm"):
        Path(f"{name}{ending}").unlink(missing_ok=True)


def prepare(
    *, at: datetime, seed: int = 1, service_as: Mapping[str, str] | None = None
) -> list[SignIn]:
    """Make the service, its team and its twelve people, ending at `at`; the ways in are returned.

    The same seed and day give the same histories; passwords differ every time. `service_as` has
    a name, country and zone in place of the cast's.
    """
    cast = catalogue.document("demo", "cast.json")
    begun = at - timedelta(days=120)
    named = cast["service"] | dict(service_as or {})
    service = people.open_service(**named, at=begun, is_demo=True)
    staff = [_account(service, *one, at=begun) for one in cast["staff"]]
    by_name = {user.username: user for user, _ in staff}
    sign_ins = [sign_in for _, sign_in in staff]
    duty.take(service, by_name["sam"], by=by_name["sam"], at=at)
    for number, one in enumerate(cast["people"]):
        keyworker = by_name[("sam", "noor")[number % 2]]
        team = _Team(service, keyworker, by_name["osei"])
        sign_ins.append(_live(one, team, Random(f"{seed} {one['name']}"), at))  # noqa: S311
    for user, _ in staff:
        _can_be_told(user, at)
    return sign_ins


def _can_be_told(user: User, at: datetime) -> None:
    """An address that leads nowhere: what goes out of a demo is a file in its home."""
    _, code = ways.set(user, Channel.EMAIL, f"{user.username}@example.org", at=at)
    ways.confirm(user, Channel.EMAIL, code or "", at=at)


def _account(
    service: Service, username: str, name: str, role: str, is_officer: bool = False, *, at: datetime
) -> tuple[User, SignIn]:
    password = secrets.token_urlsafe(12)
    user = people.create(
        service=service,
        username=username,
        display_name=name,
        role=role,
        password=password,
        at=at,
        demo=True,
        is_safety_officer=is_officer,
    )
    note = _OFFICER if is_officer else _NOTES.get(role, "")
    return user, SignIn(name, role, username, password, note)


_OFFICER = "Clinical safety officer: reads the protocol before anybody follows it."
_NOTES = {
    "keyworker": "Who needs me first? Draft a plan.",
    "prescriber": "Sign a version, decide on a review.",
    "safeguarding_lead": "Restricted notes; nothing else about anybody.",
    "manager": "Counts only; small ones are hidden.",
    "administrator": "People and roles; nothing clinical.",
}


# --- one life ---------------------------------------------------------------------------------


def _live(cast: Mapping[str, Any], team: _Team, dice: Random, at: datetime) -> SignIn:
    """Everything that happened to one person, in one transaction; checked against the cast."""
    told_days = sum(count for _, count in cast["days"])
    with transaction.atomic():
        began = at - timedelta(days=told_days + cast["before"] + 5)
        name = cast["name"]
        user, way_in = _account(team.service, name.lower(), name, Role.PERSON, at=began)
        life = _Life(cast, _begin(cast, user, team, began), user, team, dice, at)
        _first_visit(life, began)
        first = life.today - timedelta(days=told_days - cast.get("starts_in", 0))
        _baseline_week(life, first)
        if cast["plan"] is not None:
            _agree_on_a_plan(life, first)
        for day, kind in _days_of(life, first):
            _one_day(life, day, kind, (day - first).days)
        _look_today(life)
        _meet(life)
        _note_what_is_restricted(life)
    _check(life)
    return replace(way_in, note=cast["situation"])


def _begin(cast: Mapping[str, Any], user: User, team: _Team, at: datetime) -> Episode:
    for kind in ConsentKind:
        consents.set(user, kind, kind != ConsentKind.LEARNING, by=user, at=at)
    episode = episodes.open(
        person=user,
        keyworker=team.keyworker,
        supply=cast.get("supply", "non_prescribed"),
        goal=cast["goal"],
        what_matters=cast["what_matters"],
        by=team.keyworker,
        at=at,
    )
    open_gates = cast.get("gates", {})
    for gate in episodes.catalogue_of_gates():
        answer = Answer.YES if gate.name in open_gates else Answer.NO
        episodes.answer_gate(episode, gate.name, answer, by=user, at=at)
    for name, reason in open_gates.items():
        if reason:
            episodes.clear_gate(episode, name, reason=reason, by=team.prescriber, at=at)
    return episode


def _first_visit(life: _Life, at: datetime) -> None:
    """What was measured and gone through then: the same made-up values for everybody."""
    worker = life.team.keyworker
    profiles.confirm(life.episode, stage="start", answers={}, sent_id="demo", by=worker, at=at)
    on = days.today(life.episode, at)
    for group, values in catalogue.document("demo", "cast.json")["tests"].items():
        measurements.record(
            life.episode,
            group,
            values,
            on=on,
            confirmed=False,
            sent_id=f"demo-{group}",
            by=worker,
            at=at,
        )


def _baseline_week(life: _Life, first: date) -> None:
    """The picture of use before day 1, and the check-ins that go with it."""
    start = min(first, life.today)
    for n in range(life.cast["before"], 0, -1):
        _tell(life, start - timedelta(days=n), "middling", None)
    episodes.record_baseline(
        life.episode,
        **life.cast["baseline"],
        by=life.person,
        at=life.instant(start - timedelta(days=3), 10),
    )


def _agree_on_a_plan(life: _Life, first: date) -> None:
    start = min(first, life.today)
    version = _draft(life, first, life.instant(start - timedelta(days=2), 11))
    if life.cast.get("until") == "draft":
        return
    signed = life.instant(start - timedelta(days=2), 15)
    prescriber = life.team.prescriber
    version = plans.approve(version, by=prescriber, at=signed, expected_version=version.version)
    agreed = life.instant(start - timedelta(days=1), 12)
    plans.agree(version, start=first, teach_back=TEACH_BACK, by=life.person, at=agreed)


def _draft(life: _Life, first: date, at: datetime) -> PlanVersion:
    plan, base = life.cast["plan"], life.cast["baseline"]
    authorised = plan.get("authorised")
    signed = {"by": life.team.prescriber.display_name, "reason": authorised}
    request = {
        "protocol": "ketamine",
        "start": first.isoformat(),
        "baseline": {
            "amount_mg": base["amount_high_mg"],
            "times_per_day": base["times_per_day"],
            "days_per_week": base["days_per_week"],
        },
        "smallest_unit_mg": base["smallest_unit_mg"],
        **plan["levers"],
        **({"authorised": signed} if authorised else {}),
    }
    return plans.draft(
        life.episode,
        request,
        rationale=plan["rationale"],
        person_may=plan["person_may"],
        usual_score=plan["usual_score"],
        review_by=life.today + timedelta(days=plan["review_in_days"]),
        stop_now_discussed=True,
        by=life.team.prescriber if _is_prescribed(life) else life.team.keyworker,
        at=at,
    )


def _days_of(life: _Life, first: date) -> Iterator[tuple[date, str]]:
    """Each day and how it goes; some of every week go untold, by this person's own dice."""
    kinds = [kind for kind, count in life.cast["days"] for _ in range(count)]
    for week in range(0, len(kinds), WEEK):
        for n in life.dice.sample(range(WEEK), life.cast.get("missed_days_a_week", 0)):
            if week + n < len(kinds):
                kinds[week + n] = "silent"
    yield from ((first + timedelta(days=n), kind) for n, kind in enumerate(kinds))


def _one_day(life: _Life, day: date, kind: str, number: int) -> None:
    """Tell the day, then take what the engine offers, as far as this person would."""
    if kind == "silent":
        return
    said = _tell(life, day, kind, _last_said(life))
    evening = life.instant(day, 20, 30)
    holds = life.cast.get("holds")
    if holds and holds["day"] == number:
        _act(life, "hold", life.person, evening, days=holds["days"])
    elif said["offer"] == "finish":
        why = "Went well. On to aftercare."
        _act(life, "reviewed", life.team.prescriber, evening, reason=why)
    else:
        _take_offered(life, said["offer"], evening)


def _look_today(life: _Life) -> None:
    """A step that has opened since the last check-in is taken today, by whoever takes steps."""
    _take_offered(life, reviews.standing(life.episode, life.now).recommendation.offer, life.now)


def _take_offered(life: _Life, offer: str, at: datetime) -> None:
    if offer in ("step", "step_back") and not life.cast.get("waits"):
        _act(life, offer, _mover(life), at)


def _mover(life: _Life) -> User:
    return life.team.prescriber if _is_prescribed(life) else life.person


def _is_prescribed(life: _Life) -> bool:
    return bool(life.cast.get("supply") == "prescribed")


def _act(life: _Life, kind: str, by: User, at: datetime, **given: Any) -> None:
    on = days.today(life.episode, at)
    acts.take(life.episode, kind, on=on, by=by, at=at, event_id=f"demo-{on}-{kind}", **given)


def _last_said(life: _Life) -> Mapping[str, Any] | None:
    newest = reviews.newest([life.episode]).get(life.episode.pk)
    return newest.recommendation if newest else None


def _tell(life: _Life, day: date, kind: str, said: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """One check-in in the evening; gives back what the engine answered to it."""
    told = _told(life, day, kind, said)
    check_ins.record(
        life.episode,
        told,
        on=day,
        event_id=f"demo-{day}",
        by=life.person,
        at=life.instant(day, 20),
    )
    return _last_said(life) or {}


def _told(life: _Life, day: date, kind: str, said: Mapping[str, Any] | None) -> dict[str, Any]:
    low, high = MOODS.get(kind, MOODS["pain"])
    flags = [kind] if kind not in MOODS else ["bladder_pain"] if _in_pain(life, kind) else []
    answers = {item: life.dice.randint(low, high) for item in ITEMS}
    told: dict[str, Any] = {"used": False, "answers": answers, "flags": flags, "safety": "no"}
    if kind == "free" or not _uses_on(life, day):
        return told
    amount = _amount(life, (said or {}).get("ceiling_mg"))
    most = life.cast["baseline"]["times_per_day"]
    return told | {"used": True, "amount_mg": amount, "times": life.dice.randint(1, most)}


def _in_pain(life: _Life, kind: str) -> bool:
    return kind == "pain" and life.dice.randrange(4) == 0


def _uses_on(life: _Life, day: date) -> bool:
    """Daily, or the last days of the week for somebody who uses at weekends."""
    return bool(day.weekday() >= 7 - life.cast["baseline"]["days_per_week"])


def _amount(life: _Life, ceiling_mg: int | None) -> list[int]:
    """What somebody says they used: a range, within the ceiling where there is one."""
    base = life.cast["baseline"]
    unit, most = base["smallest_unit_mg"], ceiling_mg or base["amount_high_mg"]
    if _is_prescribed(life):
        return [most, most]
    high = max(int(most * life.dice.uniform(0.86, 1)) // unit * unit, unit)
    return [max(high - unit * life.dice.randint(0, 3), 0), high]


def _meet(life: _Life) -> None:
    """The last time somebody from the team spoke with them."""
    talked = life.today - timedelta(days=life.dice.randint(2, 9))
    note = "Spoke about the week. They know how to reach us."
    at = life.instant(talked, 11)
    episodes.log_contact(
        life.episode, how=ContactHow.CALL, note=note, by=life.team.keyworker, at=at
    )


def _note_what_is_restricted(life: _Life) -> None:
    """A restricted note by the keyworker, where the cast has one."""
    if told := life.cast.get("restricted"):
        by, at = life.team.keyworker, life.instant(life.today - timedelta(days=1), 14)
        safeguarding.write(life.episode, **told, sent_id="demo", by=by, at=at)


# --- is everybody where the cast says? --------------------------------------------------------


def _check(life: _Life) -> None:
    """Ask the engine where this person stands now."""
    seen = situation(life.episode, life.now)
    wrong = {key: seen[key] for key, value in life.cast["target"].items() if seen[key] != value}
    if wrong:
        text = f"{life.cast['name']} is at {wrong}, not at {life.cast['target']}."
        raise NotAsCast(text)


def situation(episode: Episode, at: datetime) -> dict[str, Any]:
    """Where somebody stands, by the engine's own word and by what still stops a draft.

    The keys are those that a `target` of the cast may name.
    """
    stands, draft = reviews.standing(episode, at), plans.latest_draft(episode)
    said, plan = stands.recommendation, stands.plan or draft
    return {
        "stage": plan.status if plan else "no_plan",
        "blockers": sorted({one.key for one in plans.blockers(draft)}) if draft else [],
        "offer": said.offer,
        "rule": said.findings[0].rule,
        "seen": said.findings[0].seen,
        "level": said.level,
        "levels_left": len(plan.levels) - 1 - said.level if plan else None,
        "between": said.between,
        "shows_amount": stands.shows_amount,
        "review_in_days": (plan.review_by - stands.on).days if plan else None,
    }
