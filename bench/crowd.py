"""A service of so many made-up people with two weeks of check-ins each, on either database.

Ten people live their two weeks through the clinic's own services; the others are copies of their
rows, with ids of their own, written in batches.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import ForeignKey, Model

from faults import scene
from faults.scene import AT, CALM, Scene
from stepwell.clinic.accounts.models import Consent, User
from stepwell.clinic.care import check_ins, filed
from stepwell.clinic.care.models import Episode, Event

TEMPLATES, DAYS, AT_ONCE = 10, 14, 2_000
NOW = AT + timedelta(days=DAYS, hours=9)
_STRIDE = 0x9E3779B97F4A7C15F39CC0605CEDC835  # odd, so that no two copies share an id

Row = tuple[type[Model], Model]


def make(count: int) -> Scene:
    """Fill the empty database that is open now with `count` people."""
    made = scene.make(TEMPLATES)
    for episode in made.episodes:
        _two_weeks(episode)
    filed.make_anew(Episode.objects.all(), NOW)
    _copy(made, count)
    return made


def people(of: Scene, count: int) -> Iterator[User]:
    """Some of them, the same each time."""
    found = User.objects.filter(service=of.service, role="person").order_by("pk")
    yield from found[:count]


def _two_weeks(episode: Episode) -> None:
    """All days but the last as rows alone; the last through the door, with its review."""
    body = {"used": True, "amount_mg": [1800, 2000], "times": 4, "answers": CALM, "safety": "no"}
    begun = Episode.objects.get(pk=episode.pk).last_sequence
    told = [AT + timedelta(days=n, hours=8) for n in range(DAYS)]
    Event.objects.bulk_create(
        Event(
            service_id=episode.service_id,
            episode=episode,
            sequence=begun + number,
            event_id=f"day-{number}",
            kind="check_in",
            on=at.date(),
            recorded_on=at.date(),
            recorded=at,
            time_zone=episode.time_zone,
            by_user=episode.person,
            by="person",
            body=body,
        )
        for number, at in enumerate(told, 1)
    )
    Episode.objects.filter(pk=episode.pk).update(last_sequence=begun + DAYS)
    last = NOW - timedelta(hours=1)
    check_ins.record(episode, body, on=last.date(), event_id="last", by=episode.person, at=last)


# --- their copies -------------------------------------------------------------------------------


def _copy(made: Scene, count: int) -> None:
    rows = [_rows_of(episode) for episode in made.episodes]
    for first in range(len(rows), count, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, count))
        batches: dict[type[Model], list[Model]] = {}
        for number in numbers:
            for model, row in rows[number % len(rows)]:
                batches.setdefault(model, []).append(_copied(row, number))
        for model, batch in batches.items():
            model._default_manager.bulk_create(batch, batch_size=500)


def _rows_of(episode: Episode) -> list[Row]:
    """Every row of one person, those first that others point to."""
    found: list[Row] = [(User, episode.person)]
    found += [(Consent, one) for one in Consent.objects.filter(person=episode.person)]
    found.append((Episode, Episode.objects.get(pk=episode.pk)))
    for model in apps.get_app_config("care").get_models():
        if any(field.name == "episode" for field in model._meta.fields):
            found += [(model, one) for one in model._default_manager.filter(episode=episode)]
    return found


def _copied(row: Model, number: int) -> Model:
    """The same with ids of this copy in the place of all that are this person's."""
    told: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        told[field.attname] = _own(value, number) if _is_theirs(field, row) else value
    if not isinstance(row.pk, UUID):
        told.pop(str(row._meta.pk.attname))
    if isinstance(row, User):
        told |= {"username": f"made-up-{number}", "display_name": f"Made-up {number:06}"}
    return type(row)(**told)


def _is_theirs(field: Any, row: Model) -> bool:
    """Its own key, or one that leads to the person, the course of care or another row of it."""
    if field.primary_key:
        return True
    if not isinstance(field, ForeignKey):
        return bool(field.name == "opens_id")
    if field.related_model is User:
        return bool(getattr(row, field.attname) == _person_of(row))
    return bool(field.name != "service")


def _person_of(row: Model) -> Any:
    if isinstance(row, Consent | Episode):
        return row.person_id
    return row.episode.person_id  # type: ignore[attr-defined]


def _own(value: Any, number: int) -> Any:
    return UUID(int=(value.int + number * _STRIDE) % 2**128) if isinstance(value, UUID) else value
