"""A service of so many made-up people with a year of check-ins each, in a database of its own.

Twenty people are made through the clinic's own services, each in another situation; the others are
copies of their rows. The cards of a copy are copies too; `bench.team` makes some anew and compares.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Field, ForeignKey, Model, UUIDField

from bench import lives
from stepwell.clinic.accounts import people
from stepwell.clinic.accounts.models import Consent, ConsentKind, Role, Service, User
from stepwell.clinic.care import acts, check_ins, filed, messages
from stepwell.clinic.care.models import Episode, Event, FiledCard, PlanVersion

NOW = datetime(2027, 11, 30, 21, 30, tzinfo=UTC)  # the evening of the last day of `lives`
OPENED = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
_COPY = """
    INSERT INTO "{table}" ({columns})
    SELECT {values} FROM copies AS m CROSS JOIN "{table}" AS t ON t."{by}" = m.{old}
"""


@dataclass(frozen=True, slots=True)
class Situation:
    """One of the twenty: a year, how many days ago they fell silent, and what they did today."""

    year: Callable[[], lives.Document]
    silent_days: int = 0
    today: Callable[[Episode], object] | None = None
    has_plan: bool = True


def _flag(episode: Episode) -> object:
    told: dict[str, Any] = {"used": None, "answers": {}, "flags": ["jaundice"]}
    return check_ins.record(
        episode, told, on=NOW.date(), event_id="today", by=episode.person, at=NOW
    )


def _talk(episode: Episode) -> object:
    return acts.take(episode, "talk", on=NOW.date(), by=episode.person, at=NOW)


def _write(episode: Episode) -> object:
    at = NOW - timedelta(days=5)
    return messages.send(episode, "Hello", message_id="1", by=episode.person, at=at)


SITUATIONS = (
    *[Situation(lives.calm_year)] * 6,
    *[Situation(lives.uneven_year)] * 6,
    *[Situation(lives.calm_year, silent_days=days) for days in (4, 6, 8, 12)],
    Situation(lives.calm_year, today=_flag),
    Situation(lives.uneven_year, today=_talk),
    Situation(lives.calm_year, today=_write),
    Situation(lives.uneven_year, has_plan=False),
)


@contextmanager
def kept_in(path: Path) -> Iterator[None]:
    """Within the block every question goes to this database file."""
    connection.close()
    before, connection.settings_dict["NAME"] = connection.settings_dict["NAME"], str(path)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def build(count: int) -> User:
    """Fill the empty database that is open now; the worker whose caseload it is."""
    call_command("migrate", verbosity=0)
    place: dict[str, Any] = {"country": "GB", "time_zone": "Europe/London"}
    service = people.open_service(name="Made up", at=OPENED, **place)
    given: dict[str, Any] = {"service": service, "at": OPENED}
    sam = people.create(username="sam", display_name="Sam", role=Role.KEYWORKER, **given)
    osei = people.create(username="osei", display_name="Dr Osei", role=Role.PRESCRIBER, **given)
    made = [_person(number, service, sam, osei) for number in range(len(SITUATIONS))]
    filed.make_anew(Episode.objects.all(), NOW)
    _copy(made, count)
    return sam


# --- the twenty -------------------------------------------------------------------------------


def _person(number: int, service: Service, sam: User, osei: User) -> Episode:
    situation = SITUATIONS[number]
    person = people.create(
        service=service,
        username=f"made-up-{number}",
        display_name=f"Made-up {number:06}",
        role=Role.PERSON,
        at=OPENED,
    )
    Consent.objects.bulk_create(
        Consent(person=person, kind=kind, given=True, at=OPENED, by=person, number=1)
        for kind in ConsentKind
    )
    year = situation.year()
    episode = Episode.objects.create(
        service=service,
        person=person,
        keyworker=sam,
        time_zone=service.time_zone,
        supply="non_prescribed",
        goal="none",
        opened_at=OPENED,
        last_sequence=len(year["events"]) + 2,
    )
    _tell(episode, year["events"], NOW.date() - timedelta(days=situation.silent_days))
    if situation.has_plan:
        _plan(episode, year["plan"], sam, osei)
    if situation.today:
        situation.today(episode)
    return episode


def _tell(episode: Episode, events: list[lives.Document], until: date) -> None:
    known = {"id", "kind", "on", "recorded_on", "recorded", "by"}
    Event.objects.bulk_create(
        Event(
            service_id=episode.service_id,
            episode=episode,
            sequence=sequence,
            event_id=event["id"],
            kind=event["kind"],
            on=event["on"],
            recorded_on=event["recorded_on"],
            recorded=datetime.fromisoformat(event["recorded"]),
            time_zone=episode.time_zone,
            by_user=episode.person,
            by=event["by"],
            body={name: value for name, value in event.items() if name not in known},
        )
        for sequence, event in enumerate(events, 3)
        if date.fromisoformat(event["recorded_on"]) <= until
    )


def _plan(episode: Episode, plan: lives.Document, sam: User, osei: User) -> None:
    PlanVersion.objects.create(
        service_id=episode.service_id,
        episode=episode,
        version=1,
        request={"supply": "non_prescribed"},
        levels=plan["levels"],
        protocol_name="ketamine",
        protocol_version="1.0.0",
        usual_score=2,
        person_may=["hold", "step", "step_back"],
        review_by=NOW.date() + timedelta(days=20),
        rationale="Made up.",
        stop_now_discussed=True,
        drafted_by=sam,
        drafted_at=OPENED,
        drafted_sequence=0,
        approved_by=osei,
        approved_at=OPENED,
        approved_on=OPENED.date(),
        approved_sequence=1,
        agreed_by=episode.person,
        agreed_at=OPENED,
        agreed_on=OPENED.date(),
        agreed_sequence=2,
        start=plan["start"],
        teach_back=[],
    )


# --- their copies -----------------------------------------------------------------------------


def _copy(made: list[Episode], count: int) -> None:
    """Row for row in SQL: 100,000 people have 36 million check-ins."""
    with connection.cursor() as cursor:
        for pragma in ("synchronous=OFF", "journal_mode=OFF", "cache_size=-2000000"):
            cursor.execute(f"PRAGMA {pragma}")
        with transaction.atomic():
            cursor.execute(
                "CREATE TEMP TABLE copies (n INTEGER PRIMARY KEY, old_episode TEXT,"
                " new_episode TEXT, old_person TEXT, new_person TEXT)"
            )
            cursor.executemany(
                "INSERT INTO copies VALUES (%s, %s, %s, %s, %s)",
                [_pair(made[n % len(made)], n) for n in range(len(made), count)],
            )
            for tag, (model, column, old) in enumerate(_tables(), 1):
                cursor.execute(_statement(tag, model, column, old))
        cursor.execute("PRAGMA journal_mode=WAL")


def _pair(of: Episode, number: int) -> tuple[int, str, str, str, str]:
    new_episode, new_person = f"{0xE:08x}{number:024x}", f"{0xF:08x}{number:024x}"
    return number, of.pk.hex, new_episode, of.person_id.hex, new_person


def _tables() -> list[tuple[type[Model], str, str]]:
    """Every table that has rows of a person, and the column that says whose they are."""
    care = [
        (model, "episode_id", "old_episode")
        for model in apps.get_app_config("care").get_models()
        if any(field.name == "episode" for field in model._meta.fields)
    ]
    return [
        (User, "id", "old_person"),
        (Consent, "person_id", "old_person"),
        (Episode, "id", "old_episode"),
        *care,
    ]


def _statement(tag: int, model: type[Model], column: str, old: str) -> str:
    told = {f.column: _value(f, model, tag) for f in model._meta.concrete_fields}
    kept = {name: value for name, value in told.items() if value}
    return _COPY.format(
        table=model._meta.db_table,
        columns=", ".join(f'"{name}"' for name in kept),
        values=", ".join(kept.values()),
        by=column,
        old=old,
    )


def _value(field: "Field[Any, Any]", model: type[Model], tag: int) -> str:
    """The copy's own ids and names; everything else as it stands in the row."""
    column = f't."{field.column}"'
    if field.primary_key and model in (User, Episode):
        return "m.new_person" if model is User else "m.new_episode"
    if field.primary_key:
        return f"printf('{tag:08x}%012x%012x', m.n, t.rowid)" if _is_uuid(field) else ""
    if model is User and field.column in ("username", "display_name"):
        return "printf('Made-up %06d', m.n)"
    if field.column == "episode_id":
        return "m.new_episode"
    if (isinstance(field, ForeignKey) and field.related_model is User) or model is FiledCard:
        return (
            f"replace(replace({column}, m.old_person, m.new_person), m.old_episode, m.new_episode)"
        )
    return column


def _is_uuid(field: "Field[Any, Any]") -> bool:
    return isinstance(field, UUIDField)
