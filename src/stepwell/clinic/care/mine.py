"""Everything that is kept about one person, for that person to take away."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import transaction
from django.db.models import Field, ForeignKey, Model, Q

from stepwell import catalogue
from stepwell.clinic.accounts.models import Role, Service, User
from stepwell.clinic.audit import trail
from stepwell.clinic.audit.models import Entry
from stepwell.clinic.care import access, queries
from stepwell.clinic.care.models import (
    Episode,
    FiledCard,
    GlassBroken,
    GlassLookedAt,
    PlanVersion,
    Review,
    SafeguardingAddition,
    SafeguardingNote,
)

EXPORTED = "mine.export"
EXPORTED_BY_HOST = "mine.export_by_host"
HOLDING = ("accounts", "care")
# The program's own: secrets, marks of its work, and what is made anew from the other rows.
OUR_OWN = {
    *(
        "password",
        "password_own_at",
        "sessions_ended",
        "changes",
        "filed_changes",
        "filed_with",
        "filed_until",
    ),
    *("session_key", "secret", "last_step", "digest"),
    *("code", "code_until", "code_tries", "key", "held_by", "held_until"),
}
AMOUNTS = {PlanVersion: {"request", "levels", "finish", "warnings"}, Review: {"recommendation"}}
# They may tell of others, and a copy may be read by the one they are about: a service hands
# them over itself, after it has looked at each. The copy says so whether there are any or none.
HELD_BACK = {SafeguardingNote, SafeguardingAddition, GlassBroken, GlassLookedAt}
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mine:
    """Every row about one person, by kind, each a value that JSON can hold.

    Rows carry the names of people in place of their ids. `left_out` says in plain words what is
    not here and why; nothing else is left out.
    """

    name: str
    service: str
    made_at: datetime
    time_zone: str
    parts: Mapping[str, tuple[Row, ...]]
    left_out: tuple[str, ...]


def export(episode: Episode, *, kind: str, by: User, at: datetime) -> Mine:
    """Everything about the person themselves, with a trail row of its taking. `NotFound`."""
    if by.role != Role.PERSON:
        raise access.NotFound
    access.enter(by, episode)
    with transaction.atomic():
        made = everything(episode, at)
        trail.record(EXPORTED, by=by, at=at, episode=episode, detail={"kind": kind})
    return made


def export_for_host(episode: Episode, *, reason: str, at: datetime) -> Mine:
    """The same for whoever runs the server, who signs in nowhere: the person reads that it was."""
    if not reason.strip():
        raise ValueError("say for whom and why")
    with transaction.atomic():
        made = everything(episode, at)
        trail.record(EXPORTED_BY_HOST, by=None, at=at, episode=episode, detail={"reason": reason})
    return made


def named(*, episode: str = "", person: str = "") -> Episode:
    """An episode by its id, or the newest one by a person's sign-in name. `NotFound`."""
    found = Episode.objects.select_related("service", "person", "keyworker")
    try:
        found = found.filter(pk=UUID(episode)) if episode else found.filter(person__username=person)
    except ValueError:
        raise access.NotFound from None
    if (one := found.order_by("-opened_at").first()) is None:
        raise access.NotFound
    return one


def everything(episode: Episode, at: datetime) -> Mine:
    """All rows of all courses of care. No amount of a plan while none may be shown."""
    person, shows = episode.person, queries.today_for_person(episode, at).shows_amount
    lines = catalogue.document("mine", "en.json")["lines"]
    left_out = ["left_out_drafts"] if shows else ["left_out_amounts", "left_out_drafts"]
    left_out.append("left_out_restricted")
    return Mine(
        name=person.display_name,
        service=episode.service.name,
        made_at=at,
        time_zone=episode.time_zone,
        parts=dict(_parts(person, shows_amount=shows)),
        left_out=tuple(lines[name]["text"] for name in left_out),
    )


def _parts(person: User, *, shows_amount: bool) -> Iterator[tuple[str, tuple[Row, ...]]]:
    yield "account", (_row(person),)
    for model, path in held():
        if model in HELD_BACK:
            continue
        found = model._default_manager.filter(**{path: person}).order_by("pk")
        rows = (_told(one, shows_amount=shows_amount) for one in found.select_related())
        yield str(model._meta.verbose_name_plural).replace(" ", "_"), tuple(rows)
    yield "trail", tuple(_entry(line) for line in _trail(person))


def held() -> list[tuple[type[Model], str]]:
    """Every kind of row that belongs to a person, with the way from it to them."""
    models = [model for app in HOLDING for model in apps.get_app_config(app).get_models()]
    told = [model for model in models if model is not FiledCard]  # made from the others
    return [(model, path) for model in told if (path := _path(model, ()))]


def _path(model: type[Model], seen: tuple[type[Model], ...]) -> str:
    """`person`, or through another row as in `episode__person`; empty where there is no way."""
    keys = {f.name: f.related_model for f in model._meta.fields if isinstance(f, ForeignKey)}
    for own in ("person", "user"):
        if keys.get(own) is User:
            return own
    for name, other in keys.items():
        if not isinstance(other, type) or other in (*seen, model, User):
            continue
        if onward := _path(other, (*seen, model)):
            return f"{name}__{onward}"
    return ""


def _told(one: Model, *, shows_amount: bool) -> Row:
    row = _row(one)
    never = isinstance(one, PlanVersion) and one.approved_at is None
    hidden = AMOUNTS.get(type(one), set()) if never or not shows_amount else set()
    return {name: value for name, value in row.items() if name not in hidden}


def _row(one: Model) -> Row:
    fields = [field for field in one._meta.fields if field.name not in OUR_OWN]
    return {field.name: _value(one, field) for field in fields}


def _value(one: Model, field: "Field[Any, Any]") -> Any:
    value = getattr(one, field.name)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Model):
        return str(value) if isinstance(value, User | Service) else str(value.pk)
    return value


def _trail(person: User) -> Iterator[Entry]:
    """What anybody did or read about this person, and what they did themselves; newest first."""
    own = Episode.objects.filter(person=person).values_list("pk", flat=True)
    about = Q(episode_id__in=list(own)) | Q(subject=str(person.pk)) | Q(actor_id=person.pk)
    found = Entry.objects.filter(about, service_id=person.service_id)
    yield from trail.open_only(found).order_by("-id")


def _entry(line: Entry) -> Row:
    return {
        "at": line.at.isoformat(),
        "by": line.actor_name,
        "role": line.actor_role,
        "action": line.action,
        "subject": line.subject,
        "detail": line.detail,
    }
