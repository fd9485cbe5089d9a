"""The directory: numbers of the country and of the service itself, each with the day it was rung.

What ships is a start: a service rings each number and writes down the day. A number that did not
answer is taken off the person's Help at once; one that nobody has checked is never shown there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from importlib.resources import files
from uuid import uuid4

from django.db import transaction

from stepwell import catalogue
from stepwell.clinic.accounts.models import Role, Service, User
from stepwell.clinic.audit import trail
from stepwell.clinic.care import access
from stepwell.clinic.care.models import DirectoryChange, DirectoryNote

KINDS = ("emergency", "crisis", "drugs", "clinic", "specialist", "group")


@dataclass(frozen=True, slots=True)
class HelpLine:
    """One number. `checked_on` is the day somebody last read it at its source, or rang it."""

    name: str
    kind: str
    number: str
    how: str
    note: str
    source: str
    checked_on: date | None
    verified: bool
    old: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the directory with who rang it last, and whether it is the service's own."""

    key: str
    line: HelpLine
    own: bool
    rung_by: str
    failed_on: date | None

    @property
    def is_shown(self) -> bool:
        """Only what has a source and was checked, and did not fail since."""
        known = self.line.verified and bool(self.line.source) and self.line.checked_on is not None
        return known and self.failed_on is None


# --- what there is ------------------------------------------------------------------------------


def every(service: Service, on: date | None = None) -> list[Entry]:
    """All entries, emergency first. With a day, each says whether its check is old by then."""
    entries = {entry.key: entry for entry in map(_shipped, _of_country(service.country))}
    for note in DirectoryNote.objects.filter(service=service).select_related("by").order_by("at"):
        _apply(entries, note)
    found = [_aged(entry, on) for entry in entries.values()]
    return sorted(found, key=lambda entry: entry.line.kind != "emergency")


def shown(service: Service, on: date | None = None) -> list[HelpLine]:
    """What a person's Help shows. In the demo also what nobody has checked, and it says so."""
    found = [entry for entry in every(service, on) if entry.failed_on is None]
    return [entry.line for entry in found if service.is_demo or entry.is_shown]


def emergency_number(service: Service) -> str | None:
    """The number to call for danger to life, as Help has it; None where none was checked."""
    return next((line.number for line in shown(service) if line.kind == "emergency"), None)


def _of_country(country: str) -> list[tuple[str, Mapping[str, object]]]:
    """The lines of a country with a key each; none for a country that nobody has written."""
    name = f"{country.lower()}.json"
    if not (files("stepwell") / "data" / "directory" / name).is_file():
        return []
    lines = catalogue.document("directory", name)["lines"]
    return [(f"{country}:{n}:{line['how']}:{line['number']}", line) for n, line in enumerate(lines)]


def _shipped(told: tuple[str, Mapping[str, object]]) -> Entry:
    key, entry = told
    parts = [str(entry[part]) for part in ("for_whom", "region", "hours") if entry.get(part)]
    checked = entry.get("checked_on")
    line = HelpLine(
        name=str(entry["name"]),
        kind=str(entry["what_for"]),
        number=str(entry["number"]),
        how=str(entry["how"]),
        note=", ".join(parts),
        source=str(entry["source"]),
        checked_on=date.fromisoformat(str(checked)) if checked else None,
        verified=bool(entry["verified"]),
    )
    return Entry(key, line, own=False, rung_by="", failed_on=None)


def _apply(entries: dict[str, Entry], note: DirectoryNote) -> None:
    by, on = note.by.display_name, note.at.date()
    if note.change == DirectoryChange.ADDED:
        line = HelpLine(
            name=note.name,
            kind=note.what_for,
            number=note.number,
            how=note.how,
            note=note.note,
            source=f"Added by {by}",
            checked_on=None,
            verified=False,
        )
        entries[note.key] = Entry(note.key, line, own=True, rung_by="", failed_on=None)
    elif (known := entries.get(note.key)) is None:
        return
    elif note.change == DirectoryChange.RETIRED:
        del entries[note.key]
    elif note.change == DirectoryChange.RANG:
        line = replace(known.line, verified=True, checked_on=on)
        entries[note.key] = replace(known, line=line, rung_by=by, failed_on=None)
    else:
        entries[note.key] = replace(known, rung_by=by, failed_on=on)


def _aged(entry: Entry, on: date | None) -> Entry:
    if on is None or entry.line.checked_on is None:
        return entry
    days = timedelta(days=catalogue.document("directory_rules.json")["recheck_days"])
    return replace(entry, line=replace(entry.line, old=entry.line.checked_on + days < on))


# --- what is done -------------------------------------------------------------------------------


def add(
    service: Service,
    *,
    name: str,
    number: str,
    how: str,
    what_for: str,
    note: str,
    by: User,
    at: datetime,
) -> str:
    """A number of the service's own; unchecked until somebody rings it. Gives its key."""
    told = {"name": name, "number": number, "how": how, "what_for": what_for, "note": note}
    key = f"own:{uuid4()}"
    _write(service, key, DirectoryChange.ADDED, by, at, **told)
    return key


def rang(service: Service, key: str, *, works: bool, by: User, at: datetime) -> None:
    """Somebody rang it: it answered, or it did not and is off Help at once. `access.NotFound`."""
    _known(service, key)
    _write(service, key, DirectoryChange.RANG if works else DirectoryChange.FAILED, by, at)


def retire(service: Service, key: str, *, by: User, at: datetime) -> None:
    """Take one of the service's own out. `access.NotFound` for any other."""
    if not _known(service, key).own:
        raise access.NotFound
    _write(service, key, DirectoryChange.RETIRED, by, at)


def _known(service: Service, key: str) -> Entry:
    found = _by_key(every(service), key)
    if found is None:
        raise access.NotFound
    return found


def _by_key(entries: Iterable[Entry], key: str) -> Entry | None:
    return next((entry for entry in entries if entry.key == key), None)


def _write(
    service: Service, key: str, change: DirectoryChange, by: User, at: datetime, **told: str
) -> None:
    if by.service_id != service.pk or by.role == Role.PERSON or not by.is_active:
        raise access.NotFound
    with transaction.atomic():
        DirectoryNote.objects.create(service=service, key=key, change=change, by=by, at=at, **told)
        trail.record(f"directory.{change}", by=by, at=at, subject=key)
