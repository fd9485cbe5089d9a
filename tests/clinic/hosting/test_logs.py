"""What is written while a service runs says what happened, and never to whom or with what."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import Restore, Service, User
from stepwell.clinic.care import escalations
from stepwell.clinic.care.models import Episode, Escalation, PlanVersion
from stepwell.clinic.hosting import counting, logs, watching
from tests.conftest import MONDAY, Tell, evening

SECRET = "blue-heron-0417"  # typed wherever something can be typed
DAY_ONE = date(2026, 12, 1)


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything that any logger says meanwhile, as the service would print it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.Formatter())
    loggers = [logging.getLogger(name) for name in ("", "django", "stepwell")]
    for logger in loggers:
        logger.addHandler(handler)
    yield stream
    for logger in loggers:
        logger.removeHandler(handler)


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


@pytest.fixture(autouse=True)
def _counts(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.HOME = tmp_path
    counting._counts.clear()
    monkeypatch.setattr(counting, "_written", [0.0])


def test_a_request_is_one_line_with_its_route_status_and_time(
    episode: Episode, sam: User, client: Client, written: io.StringIO, now: clock.Stopped
) -> None:
    client.force_login(sam)
    client.get(f"/team/people/{episode.pk}/")
    (line,) = lines(written)
    assert (line["route"], line["status"], line["method"]) == ("team:person", 200, "GET")
    assert line["ms"] > 0
    assert set(line) == {"at", "level", "logger", "method", "route", "status", "ms"}


def test_no_secret_gets_into_a_line_wherever_it_is_put(
    agreed_plan: PlanVersion,
    episode: Episode,
    cast: dict[str, User],
    written: io.StringIO,
    now: clock.Stopped,
) -> None:
    """In addresses, queries, forms, headers, cookies and names, also where nothing is found."""
    client = Client(raise_request_exception=False, headers={"X-Told": SECRET, "Referer": SECRET})
    client.cookies["told"] = SECRET
    for name in (None, "rowan", "dr_osei", "ada"):
        if name:
            client.force_login(cast[name])
        for address in (
            f"/{SECRET}/",
            f"/help/{SECRET}/",
            f"/today/?told={SECRET}",
            f"/team/people/{episode.pk}/?told={SECRET}",
            f"/team/people/{SECRET}/",
            f"/team/caseload?name={SECRET}",
            f"/team/lanes/{SECRET}",
        ):
            client.get(address)
            client.post(address, {"told": SECRET, SECRET: "told"})
        client.post("/sign-in/", {"username": SECRET, "password": SECRET})
        client.post("/check-in/", {"note": SECRET, "amount": SECRET})
        client.post("/messages/", {"text": SECRET})
        client.post("/messages/", SECRET, content_type="application/json")
        client.generic("BREW", f"/{SECRET}", SECRET)
    said = written.getvalue()
    assert len(said.splitlines()) > 50
    for secret in (SECRET, str(episode.pk), episode.pk.hex, "Rowan", "rowan", "Osei", "sessionid"):
        assert secret not in said


def test_a_crash_tells_its_kind_and_its_places_and_none_of_its_words(
    sam: User, written: io.StringIO, monkeypatch: pytest.MonkeyPatch, now: clock.Stopped
) -> None:
    def crash(*_: Any, **__: Any) -> None:
        told = SECRET
        raise ValueError(f"the database said {told}")

    monkeypatch.setattr("stepwell.clinic.care.queries.team_day", crash)
    client = Client(raise_request_exception=False)
    client.force_login(sam)
    assert client.get(f"/team/?told={SECRET}").status_code == 500
    fault = next(line["fault"] for line in lines(written) if "fault" in line)
    assert fault["kind"] == "ValueError"
    assert any(place.startswith("test_logs.py:") for place in fault["through"])
    assert SECRET not in written.getvalue()


def test_what_a_library_logs_keeps_its_place_and_loses_its_words(written: io.StringIO) -> None:
    logging.getLogger("some.library").error("could not send to %s", SECRET)
    (line,) = lines(written)
    assert (line["logger"], line["level"]) == ("some.library", "ERROR")
    assert line["said_at"].startswith("test_logs:")
    assert SECRET not in written.getvalue()


def test_a_line_break_in_an_address_makes_no_line(written: io.StringIO, db: None) -> None:
    Client().get('/x%0a{"level":"ERROR"}/')
    assert [line["route"] for line in lines(written)] == [logs.NOWHERE]


# Health


def test_health_answers_here_and_says_nothing_of_anybody(db: None, client: Client) -> None:
    assert client.get("/health/").json() == {"live": True}
    ready = client.get("/health/ready/")
    assert ready.json() == {"database_writable": True, "migrations_applied": True}
    assert ready["Cache-Control"] == "no-store"


def test_it_is_not_ready_where_nothing_can_be_kept(
    db: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    def full() -> bool:
        raise OperationalError("database or disk is full")

    monkeypatch.setitem(watching._CHECKS, "database_writable", full)
    answer = client.get("/health/ready/")
    assert (answer.status_code, answer.json()["database_writable"]) == (503, False)


def test_it_is_not_ready_before_its_migrations(
    db: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stepwell.clinic.care.health.migrations_waiting", lambda: 1)
    assert client.get("/health/ready/").status_code == 503


@pytest.mark.parametrize("address", ["/health/", "/health/ready/", "/metrics/"])
@pytest.mark.parametrize(
    "other",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": ""},
        *({f"HTTP_{name.upper().replace('-', '_')}": "192.0.2.7"} for name in watching.PASSED_ON),
    ],
)
def test_to_everybody_else_there_is_no_such_address(
    db: None, address: str, other: dict[str, str]
) -> None:
    assert Client().get(address, **other).status_code == 404  # type: ignore[arg-type]


def test_with_the_token_of_the_home_it_answers_from_afar(db: None, tmp_path: Path) -> None:
    afar = Client(REMOTE_ADDR="192.0.2.7")
    token = "k" * 40
    given = {"Authorization": f"Bearer {token}"}
    assert afar.get("/metrics/", headers=given).status_code == 404
    (tmp_path / watching.TOKEN).write_text(f"{token}\n")
    assert afar.get("/metrics/", headers=given).status_code == 200
    assert afar.get("/metrics/", headers={"Authorization": "Bearer "}).status_code == 404
    (tmp_path / watching.TOKEN).write_text("\n")
    assert afar.get("/metrics/", headers={"Authorization": "Bearer "}).status_code == 404


# Metrics


def metrics(client: Client) -> dict[str, float]:
    body = client.get("/metrics/").content.decode()
    told = [line.rpartition(" ") for line in body.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in told}


def test_requests_are_counted_by_route_and_status(db: None, client: Client) -> None:
    for _ in range(3):
        client.get("/help/")
    told = metrics(client)
    assert told['stepwell_requests_total{method="GET",route="help",status="200"}'] == 3
    assert told['stepwell_request_seconds_bucket{route="help",le="+Inf"}'] == 3
    assert told['stepwell_request_seconds_count{route="help"}'] == 3


def test_the_counts_of_all_workers_are_added(db: None, client: Client, tmp_path: Path) -> None:
    client.get("/help/")
    name = 'stepwell_requests_total{method="GET",route="help",status="200"}'
    (tmp_path / counting.FOLDER / "another.json").write_text(json.dumps({name: 41}))
    assert metrics(client)[name] == 42
    counting.start_afresh()
    assert list((tmp_path / counting.FOLDER).iterdir()) == []


def test_open_signals_are_counted_and_nobody_is_named(
    agreed_plan: PlanVersion,
    tell: Tell,
    episode: Episode,
    dr_osei: User,
    client: Client,
    now: clock.Stopped,
) -> None:
    tell(DAY_ONE, flags=["seizure"])
    now.move_to(evening(DAY_ONE))
    now.advance(minutes=10)
    told = metrics(client)
    assert told['stepwell_escalations_open{urgency="emergency"}'] == 1
    waits = 'stepwell_escalation_oldest_unacknowledged_seconds{urgency="emergency"}'
    assert told[waits] == 600
    escalations.acknowledge(Escalation.objects.get(key="seizure"), by=dr_osei, at=clock.now())
    assert metrics(client)[waits] == 0
    body = client.get("/metrics/").content.decode()
    for said in ("Rowan", "seizure", str(episode.pk), "Riverside"):
        assert said not in body


def test_a_frozen_service_and_what_waits_are_counted(
    service: Service, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    Restore.objects.create(
        service=service, restored_at=MONDAY, backup_made_at=MONDAY, backup_sha256="a" * 64
    )
    monkeypatch.setitem(watching.WAITING, "outbox", lambda: 7)
    told = metrics(client)
    assert told["stepwell_services_frozen"] == 1
    assert told['stepwell_waiting{kind="outbox"}'] == 7


def test_a_full_disk_stops_no_answer(settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path / "gone" / "away"

    def answer(_: HttpRequest) -> HttpResponse:
        return HttpResponse("Kept.")

    assert logs.requests(answer)(RequestFactory().get("/")).content == b"Kept."
