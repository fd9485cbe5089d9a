"""Whatever is sent to any address, in any way, by anybody: an answer, and never a crash.

The description is made from the program's own addresses; Schemathesis draws what is sent and looks
at each answer. Each example is undone after it.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from hypothesis import HealthCheck, Phase, given, settings

from stepwell.clinic.accounts import floods
from stepwell.clinic.accounts.models import User
from stepwell.clinic.care import queries
from tests.clinic.test_matrix import Things, things

pytestmark = pytest.mark.slow
__all__ = ["things"]

EXAMPLES = int(os.environ.get("EXAMPLES", "6"))  # more of them in a longer run
# Every answer that an address may give. 500 is none of them.
ANSWERS = ("200", "302", "304", "400", "403", "404", "405", "410", "413", "415", "422", "429")
FIELDS = (
    *("about", "address", "amendment", "amount", "answers", "any_hour", "at", "by", "channel"),
    *("code", "consents", "craving", "daily_at", "day", "days", "did", "display_name", "do", "end"),
    *("event_id", "flags", "gate", "goal", "how", "key", "kind", "level", "message_id", "messages"),
    *("mood", "name", "next", "note", "number", "on", "outcome", "password", "percent", "reason"),
    *("role", "safety", "shared", "start", "steps", "text", "theme", "times", "told", "used"),
    *("username", "value", "version", "waited_s", "what", "who", "why", "word"),
)
USUAL = ("yes", "no", "1", "0", "2026-12-01", "1800 mg", "call", "reached", "x", "")


def addresses(
    found: list[URLPattern | URLResolver], before: str = "/"
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each address with what its places are filled by."""
    for one in found:
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, before + str(one.pattern))
        else:
            yield before + str(one.pattern), dict(one.pattern.converters)


def description(things: Things) -> dict[str, Any]:
    """As OpenAPI has it; half of the ids are of something that is there."""
    paths = {}
    for route, places in addresses(get_resolver().url_patterns):
        path = route
        for name in places:
            start = path.index("<")
            path = f"{path[:start]}{{{name}}}{path[path.index('>') + 1 :]}"
        parameters = [_place(name, things) for name in places]
        paths[path] = {way: _operation(way, parameters) for way in ("get", "post")}
    return {"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": paths}


def operations(things: Things) -> list[Any]:
    """Each address in each way, as Schemathesis reads the description."""
    found: Any = schemathesis.openapi.from_dict(description(things)).get_all_operations()
    return [one.ok() for one in found]


def _place(name: str, things: Things) -> dict[str, Any]:
    there = str(things.named.get(name, "x"))
    other = "00000000-0000-4000-8000-000000000000" if "-" in there else "x"
    schema = {"type": "string", "enum": [there, other]}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _operation(way: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    answers = {code: {"description": "an answer"} for code in ANSWERS}
    told: dict[str, Any] = {"parameters": parameters, "responses": answers}
    if way == "post":
        value = {"anyOf": [{"enum": list(USUAL)}, {"type": "string", "maxLength": 40}]}
        form: dict[str, Any] = {"type": "object", "properties": dict.fromkeys(FIELDS, value)}
        form |= {"additionalProperties": False}
        told["requestBody"] = {"content": {"application/x-www-form-urlencoded": {"schema": form}}}
    return told


class Undone(Exception):
    """So that one example leaves nothing for the next."""


@pytest.mark.parametrize("who", ["nobody", "rowan", "sam", "dr_osei", "mo", "ada", "grace"])
def test_no_request_to_any_address_crashes_it(
    who: str, things: Things, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(floods, "READS", 10**9)
    monkeypatch.setattr(floods, "WRITES", 10**9)
    monkeypatch.setattr(floods, "AS_NOBODY", 10**9)
    client = Client(raise_request_exception=False, SERVER_NAME="127.0.0.1")
    if who != "nobody":
        user: User = request.getfixturevalue(who)
        client.force_login(user)
    crashed: dict[str, str] = {}
    for operation in operations(things):
        _try(operation, client, crashed)
    assert crashed == {}


def _try(operation: Any, client: Client, crashed: dict[str, str]) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def sent(case: Any) -> None:
        body = case.body if isinstance(case.body, dict) else {}
        try:
            with transaction.atomic():
                send = client.post if case.method == "POST" else client.get
                answer = send(case.formatted_path, {k: str(v) for k, v in body.items()})
                if str(answer.status_code) not in ANSWERS:
                    crashed[f"{case.method} {case.formatted_path}"] = str(answer.status_code)
                raise Undone
        except Undone:
            pass

    sent()


def test_the_description_has_every_address(things: Things) -> None:
    routes = {route for route, _ in addresses(get_resolver().url_patterns)}
    assert len(description(things)["paths"]) == len(routes)


def test_a_crash_is_seen(things: Things, sam: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a page that crashes is found among all the others."""
    monkeypatch.setattr(queries, "caseload", lambda *_, **__: 1 // 0)
    client = Client(raise_request_exception=False, SERVER_NAME="127.0.0.1")
    client.force_login(sam)
    crashed: dict[str, str] = {}
    for operation in operations(things):
        _try(operation, client, crashed)
    assert set(crashed) == {"GET /team/caseload"}
