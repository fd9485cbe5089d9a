"""What the demo refuses: to be made beside real people, or over anything but the last demo."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db.utils import ConnectionHandler

from stepwell import catalogue
from stepwell.clinic import demo, settings
from stepwell.clinic.accounts import people
from stepwell.clinic.accounts.models import Service

pytestmark = pytest.mark.django_db

TODAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CAST = catalogue.document("demo", "cast.json")


def test_a_person_who_is_not_where_the_cast_says_stops_the_demo(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drew = next(one for one in CAST["people"] if one["name"] == "Drew")
    elsewhere = CAST | {"people": [drew | {"target": {"offer": "freeze"}}]}
    real = catalogue.document
    monkeypatch.setattr(
        catalogue, "document", lambda *p: elsewhere if p == ("demo", "cast.json") else real(*p)
    )
    with pytest.raises(demo.NotAsCast, match="Drew is at"):
        demo.prepare(at=TODAY)


def test_a_real_service_refuses_the_demo(service: Service) -> None:
    with pytest.raises(people.WrongKind, match="real service"):
        demo.start_afresh()
    with pytest.raises(people.WrongKind):
        demo.prepare(at=TODAY)


def keep_it_in(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a file, also where these tests themselves run on a server."""
    kept = settings.database(f"sqlite:///{path}")
    monkeypatch.setattr(demo, "connection", ConnectionHandler({"default": kept})["default"])


def test_another_programs_database_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "stepwell.sqlite3"
    with sqlite3.connect(path) as other:
        other.execute("create table precious (kept integer)")
    keep_it_in(path, monkeypatch)
    with pytest.raises(people.WrongKind, match="another program"):
        demo.start_afresh()
    assert sqlite3.connect(path).execute("select count(*) from precious").fetchone() == (0,)


def test_a_file_that_is_no_database_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "stepwell.sqlite3"
    path.write_text("A letter that somebody keeps here. " * 100, encoding="ascii")
    keep_it_in(path, monkeypatch)
    with pytest.raises(people.WrongKind, match="cannot be read"):
        demo.start_afresh()
    assert path.read_text(encoding="ascii").startswith("A letter")


def test_the_last_demo_is_dropped_and_nothing_beside_it(
    demo_service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, key = tmp_path / "stepwell.sqlite3", tmp_path / "secret_key"
    key.write_text("kept", encoding="ascii")
    with sqlite3.connect(path) as last:
        last.execute(f"create table {Service._meta.db_table} (id integer)")
    keep_it_in(path, monkeypatch)
    demo.start_afresh()
    assert not path.exists()
    assert key.exists()


def test_an_empty_database_is_nothing_to_drop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_it_in(tmp_path / "stepwell.sqlite3", monkeypatch)
    demo.start_afresh()
