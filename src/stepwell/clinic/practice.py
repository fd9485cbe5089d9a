"""The practice service: made-up people beside a real service, in a database of its own.

One database never holds both kinds, and that wall is older than this page: a second service in
the real database would have put every list, figure and letter one forgotten filter away from a
mistake. Practice takes from the real service its name, country and zone, and the name and role of
each worker. It takes no password, and nothing about anybody who is looked after.
"""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from stepwell.clinic import demo
from stepwell.clinic.accounts import people
from stepwell.clinic.accounts.models import Role, Service, User

Told = Mapping[str, Any]
PREFIX = "practice-"


class NoService(Exception):
    """There is not exactly one real service here to practise for."""


def ask() -> Told:
    """Of the real service in this database: its name, country, zone and workers, as JSON values."""
    service = people.only_service()
    if service is None or service.is_demo:
        raise NoService("There is no real service here, or more than one. Open one first.")
    found = [_worker(one) for one in people.workers_of(service)]
    return {"service": _service(service), "workers": found}


def _service(service: Service) -> dict[str, str]:
    name = f"{service.name} (practice)"
    return {"name": name, "country": service.country, "time_zone": service.time_zone}


def _worker(user: User) -> dict[str, Any]:
    same = ("username", "display_name", "role", "is_named_clinician", "is_safety_officer")
    return {name: getattr(user, name) for name in same}


def prepare(told: Told, *, at: datetime, seed: int = 1) -> list[demo.SignIn]:
    """Made-up people, and a sign-in for each worker; the made-up team has none.

    Raises `people.WrongKind` where anything real is kept.
    """
    made = demo.prepare(at=at, seed=seed, service_as=told["service"])
    service = people.only_service()
    assert service is not None
    workers = [_sign_in(service, one, at) for one in told["workers"]]
    return [*workers, *_people(made)]


def _people(made: Iterable[demo.SignIn]) -> list[demo.SignIn]:
    return [one for one in made if one.role == Role.PERSON]


def _sign_in(service: Service, worker: Mapping[str, Any], at: datetime) -> demo.SignIn:
    password, username = secrets.token_urlsafe(12), f"{PREFIX}{worker['username']}"
    told = {**worker, "username": username}
    people.create(service=service, **told, password=password, at=at, demo=True)
    name, role = worker["display_name"], worker["role"]
    return demo.SignIn(name, role, username, password, "To practise; another password than yours.")
