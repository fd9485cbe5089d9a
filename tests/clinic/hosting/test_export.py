"""A record that the host hands over is whole, and the person sees that it was made."""

import json
from pathlib import Path

import pytest
from django.test import Client

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import User
from stepwell.clinic.audit.models import Entry
from stepwell.clinic.care import mine
from stepwell.clinic.care.models import Episode
from stepwell.clinic.hosting import export
from stepwell.clinic.hosting.manifest import Unusable
from tests.conftest import MONDAY


def write(to: Path, *, reason: str = "They asked for it on paper.", **who: str) -> list[str]:
    return export.write(to, **{"episode": "", "person": "", **who}, reason=reason, at=MONDAY)


def test_the_folder_has_the_record_in_three_forms(episode: Episode, tmp_path: Path) -> None:
    to = tmp_path / "rowan"
    assert write(to, person="rowan") == ["everything.json", "tables.zip", "everything.pdf"]
    told = json.loads((to / "everything.json").read_text())
    assert (told["name"], told["parts"]["baselines"][0]["amount_high_mg"]) == ("Rowan", 2650)
    assert (to / "everything.pdf").read_bytes().startswith(b"%PDF")
    assert {path.stat().st_mode & 0o77 for path in [to, *to.iterdir()]} == {0}


def test_an_episode_is_found_by_its_id(episode: Episode, tmp_path: Path) -> None:
    assert write(tmp_path / "rowan", episode=str(episode.pk))


def test_the_person_sees_that_it_was_made(
    episode: Episode, rowan: User, client: Client, tmp_path: Path, now: clock.Stopped
) -> None:
    write(tmp_path / "rowan", person="rowan")
    line = Entry.objects.get(action=mine.EXPORTED_BY_HOST)
    assert (line.episode_id, line.detail["reason"]) == (episode.pk, "They asked for it on paper.")
    client.force_login(rowan)
    assert "made on the server" in client.get("/me/who-looked/").content.decode()


@pytest.mark.parametrize("who", [{"person": "nobody"}, {"episode": "not-an-id"}, {"person": "sam"}])
def test_nobody_else_is_found(episode: Episode, tmp_path: Path, who: dict[str, str]) -> None:
    with pytest.raises(Unusable, match="no such person"):
        write(tmp_path / "who", **who)
    assert not Entry.objects.filter(action=mine.EXPORTED_BY_HOST).exists()


def test_nothing_is_written_over_and_nothing_without_a_reason(
    episode: Episode, tmp_path: Path
) -> None:
    with pytest.raises(Unusable, match="written over"):
        write(tmp_path, person="rowan")
    with pytest.raises(Unusable, match="why"):
        write(tmp_path / "rowan", person="rowan", reason=" ")
    assert not Entry.objects.filter(action=mine.EXPORTED_BY_HOST).exists()
