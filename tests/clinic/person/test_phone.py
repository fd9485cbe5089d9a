"""What the phone may keep, and the door for check-ins that had to wait."""

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from stepwell import catalogue
from stepwell.clinic import clock
from stepwell.clinic.accounts import consents
from stepwell.clinic.accounts.models import User
from stepwell.clinic.care.models import Episode, Escalation, Event
from tests.clinic.person.pages import text

QUEUE = "/check-in/waited/"
AMOUNT = re.compile(r"<!--amount-->.*?<!--/amount-->", re.DOTALL)
EXAMPLE = "Like 2.65 g, 2650 mg"
VENDOR = Path(settings.STATICFILES_DIRS[0]) / "vendor"


def told(episode: Episode) -> list[Event]:
    return list(Event.objects.filter(episode=episode, kind="check_in").order_by("sequence"))


def titled(page: str) -> str:
    return page.partition("<title>")[2].partition("</title>")[0]


def send(phone: Client, **given: Any) -> dict[str, Any]:
    """As the worker sends what waited, told an hour ago unless said otherwise."""
    known = {"event_id": "phone-1", "waited_s": "3600", "on": ""}
    answer: dict[str, Any] = phone.post(QUEUE, {**known, **given}).json()
    return answer


# --- what is kept -----------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/today/", "/plan/", "/check-in/"])
def test_every_amount_of_the_plan_goes_away_with_what_the_worker_takes_out(
    phone: Client, on_plan: Episode, address: str
) -> None:
    page = phone.get(address)
    assert " mg" in text(page).replace(EXAMPLE, "")
    page.content = AMOUNT.sub("", page.content.decode()).encode()
    assert " mg" not in text(page).replace(EXAMPLE, "")


@pytest.mark.parametrize("address", ["/today/", "/plan/", "/check-in/"])
def test_an_amount_may_be_kept_for_as_long_as_the_data_say(
    phone: Client, on_plan: Episode, address: str
) -> None:
    hours = catalogue.document("phone.json")["amount_kept_hours"]
    assert phone.get(address)["X-Steps-Hours"] == str(hours)


def test_a_pause_makes_it_another_plan_for_what_was_kept(phone: Client, on_plan: Episode) -> None:
    before = phone.get("/today/")["X-Steps-Plan"]
    assert before == phone.get("/plan/")["X-Steps-Plan"]
    phone.post(QUEUE, {"event_id": "red", "flags": ["blood_in_urine"]})
    assert phone.get("/today/")["X-Steps-Plan"] != before


def test_the_worker_keeps_help_and_every_room_of_it(client: Client, db: None) -> None:
    script = client.get("/sw.js")
    config = json.loads(script.content.decode().partition(";\n")[0].removeprefix("const CONFIG ="))
    assert script["Content-Type"] == "text/javascript"
    pages = client.get(config["shell"]).json()
    assert sum(address.startswith("/help/") for address in pages) == 9
    for address, page in pages.items():
        assert titled(page) == titled(client.get(address).content.decode()) != "", address
    assert {"/today/", "/plan/", "/progress/", "/check-in/", "/help/"} <= set(config["kept"])
    assert {"/sign-out/", "/hide/", "/sign-in/"} == set(config["ends"])


def test_the_screen_that_asks_for_a_pin_stays_on_the_phone_and_is_alike_for_everybody(
    phone: Client, on_plan: Episode
) -> None:
    client = Client()
    script = client.get("/sw.js").content.decode()
    config = json.loads(script.partition(";\n")[0].removeprefix("const CONFIG ="))
    assert "/offline/lock/" in config["shellFiles"]
    page = client.get("/offline/lock/").content.decode()
    assert 'href="/help/"' in page
    assert phone.get("/offline/lock/").content.decode() == page


def test_no_page_is_without_the_cover_and_only_ones_own_are_covered(
    phone: Client, on_plan: Episode
) -> None:
    cover = re.compile(r'<script src="/static/stepwell/cover.js"( data-own)?></script>\s*</head>')
    for address in ("/today/", "/me/lock/", "/help/"):
        found = cover.search(phone.get(address).content.decode())
        assert found is not None, address
        assert found[1], address
    found = cover.search(Client().get("/help/").content.decode())
    assert found is not None
    assert not found[1]


def test_the_worker_is_another_one_when_a_page_file_changes(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = client.get("/sw.js").content
    changed = tmp_path / "person.css"
    changed.write_text("/* another */")
    found = finders.find
    monkeypatch.setattr(
        finders, "find", lambda name: str(changed) if name.endswith("person.css") else found(name)
    )
    assert client.get("/sw.js").content != before


def test_the_phone_shows_a_neutral_name(client: Client) -> None:
    known = client.get("/manifest.webmanifest").json()
    assert (known["name"], known["start_url"], known["display"]) == (
        "Steps", "/today/", "standalone",
    )  # fmt: skip
    assert all(client.get(icon["src"]).status_code == 200 for icon in known["icons"])


def test_every_file_from_elsewhere_is_listed_with_its_hash_and_licence() -> None:
    listed = {one["file"]: one for one in json.loads((VENDOR / "vendored.json").read_text())}
    assert set(listed) == {path.name for path in VENDOR.glob("*.js")}
    for name, one in listed.items():
        assert one["sha256"] == sha256((VENDOR / name).read_bytes()).hexdigest()
        assert (VENDOR / one["licence_file"]).exists()


# --- what waited ------------------------------------------------------------------------------


def test_a_check_in_that_waited_counts_for_the_day_it_was_told_on(
    phone: Client, on_plan: Episode
) -> None:
    assert send(phone, used="no", waited_s=str(2 * 24 * 3600)) == {
        "unread": "", "on": "2026-11-29",
    }  # fmt: skip
    (event,) = told(on_plan)
    assert (str(event.on), event.body["used"], event.set_aside) == ("2026-11-29", False, False)


def test_a_chosen_day_counts_whenever_it_was_told(phone: Client, on_plan: Episode) -> None:
    send(phone, used="no", on="2026-11-28")
    assert str(told(on_plan)[0].on) == "2026-11-28"


def test_sent_twice_it_is_one_check_in(phone: Client, on_plan: Episode) -> None:
    assert send(phone, used="no") == send(phone, used="no")
    assert len(told(on_plan)) == 1


def test_told_on_two_devices_both_are_kept(phone: Client, on_plan: Episode) -> None:
    send(phone, used="no", event_id="phone-1")
    send(phone, used="yes", event_id="phone-2")
    assert [event.body["used"] for event in told(on_plan)] == [False, True]


def test_an_amount_that_cannot_be_read_comes_back_and_the_rest_is_kept(
    phone: Client, on_plan: Episode
) -> None:
    assert send(phone, used="yes", amount="2,2 g", craving="7")["unread"] == "2,2 g"
    (event,) = told(on_plan)
    assert event.body["answers"] == {"craving": 7}
    assert "amount_mg" not in event.body


def test_danger_told_without_a_network_reaches_the_team_when_it_is_sent(
    phone: Client, on_plan: Episode
) -> None:
    send(phone, safety="plan")
    assert Escalation.objects.filter(episode=on_plan, key="suicide_plan").exists()


def test_a_day_too_long_ago_is_kept_aside_for_the_team(phone: Client, on_plan: Episode) -> None:
    send(phone, used="no", waited_s=str(30 * 24 * 3600))
    assert told(on_plan)[0].set_aside


@pytest.mark.parametrize("waited", ["", "long", "-99999999", "1e99", "9" * 30])
def test_a_wait_that_cannot_be_read_is_none(phone: Client, on_plan: Episode, waited: str) -> None:
    send(phone, used="no", waited_s=waited)
    assert str(told(on_plan)[0].on) == "2026-12-01"


def test_without_consent_nothing_is_saved_and_the_phone_keeps_it(
    phone: Client, on_plan: Episode, rowan: User
) -> None:
    consents.set(rowan, "store", given=False, by=rowan, at=clock.now())
    assert "Nothing was saved" in send(phone, used="no")["unread"]
    assert told(on_plan) == []


def test_somebody_signed_out_is_sent_to_sign_in_and_nothing_is_kept(
    client: Client, on_plan: Episode
) -> None:
    assert client.post(QUEUE, {"event_id": "a", "used": "no"}).status_code == 302
    assert told(on_plan) == []
