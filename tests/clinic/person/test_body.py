"""The three-day diary on the phone: added, taken out, never overwritten, and read by the doctor."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from stepwell.clinic import clock
from stepwell.clinic.accounts import consents
from stepwell.clinic.accounts.models import ConsentKind, User
from stepwell.clinic.care import access, bladder
from stepwell.clinic.care.models import BladderEntry, Episode, Escalation
from stepwell.clinic.care.voiding import Entry, Kind
from tests.clinic.person.pages import hidden, text

HERE, DIARY, PAPER = "/body/", "/body/diary/", "/body/3-days.pdf"


def send(phone: Client, **told: str) -> Any:
    sent = {"event_id": hidden(phone.get(DIARY), "event_id"), "kind": "void"}
    sent["at"] = clock.now().strftime("%Y-%m-%dT%H:%M")
    return phone.post(DIARY, sent | told, follow=True)


def test_a_line_is_there_again_and_can_be_taken_out(phone: Client, on_plan: Episode) -> None:
    assert "Peed, 250 ml, leaked" in text(send(phone, ml="250", leaked="yes"))
    line = bladder.lines(on_plan)[0]
    out = reverse("person:body-out", args=[line.id])
    for _ in range(2):
        assert "Peed" not in text(phone.post(out, follow=True))
    assert BladderEntry.objects.count() == 2


def test_days_are_added_up_with_what_was_not_measured(
    phone: Client, on_plan: Episode, now: clock.Stopped
) -> None:
    send(phone, kind="up")
    for ml in ("300", ""):
        now.advance(hours=2)
        send(phone, ml=ml)
    now.advance(hours=22)
    send(phone, kind="up")
    now.advance(minutes=10)
    said = text(send(phone, ml="280"))
    assert "From Tuesday 1 December" in said
    assert "In 24 hours at least 280 ml of one measured; 1 not measured" in said


def test_blood_pauses_the_plan_and_shows_help_at_once(phone: Client, on_plan: Episode) -> None:
    answer = send(phone, blood="yes")
    assert answer.redirect_chain[-1][0] == reverse("help-now")
    assert list(Escalation.objects.values_list("key", flat=True)) == ["blood_in_urine"]
    assert "Your plan is paused" in text(phone.get(reverse("person:plan")))


def test_help_with_pain_leads_to_the_diary_for_the_person_only(
    phone: Client, on_plan: Episode
) -> None:
    link, room = f'href="{HERE}"', reverse("help-door", args=["pain"])
    assert link in phone.get(room).content.decode()
    assert link not in Client().get(room).content.decode()


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"ml": "2,5"}, "whole number of ml"),
        ({"ml": "a cup"}, "whole number of ml"),
        ({"at": ""}, "Choose a day and a time."),
        ({"at": "2026-12-01T23:00"}, "not come yet"),
        ({"at": "2026-11-01T23:00"}, "more than 7 days ago"),
        ({"ml": "1200"}, "1200 ml is a lot."),
    ],
)
def test_what_cannot_be_kept_says_why_and_keeps_the_rest(
    phone: Client, on_plan: Episode, told: dict[str, str], why: str
) -> None:
    answer = send(phone, **({"ml": "333", "pain": "7"} | told))
    assert why in text(answer)
    assert re.search(r'value="7"[^>]*checked', answer.content.decode())
    assert bladder.lines(on_plan) == []


def test_a_lot_is_kept_once_it_is_said_to_be_right(phone: Client, on_plan: Episode) -> None:
    send(phone, ml="1200", confirmed="on")
    assert [line.entry.ml for line in bladder.lines(on_plan)] == [1200]


def test_sent_twice_it_is_kept_once(on_plan: Episode, rowan: User) -> None:
    entry = Entry(Kind.VOID, clock.now(), 200)
    for _ in range(2):
        bladder.add(on_plan, entry, confirmed=False, sent_id="one", by=rowan, at=clock.now())
    assert BladderEntry.objects.count() == 1


def test_what_check_ins_told_of_the_body_stands_there_with_its_day(
    phone: Client, on_plan: Episode, say: Any
) -> None:
    assert "What you told in the last 28 days" not in text(phone.get(HERE))
    say(on_plan, flags=["bladder_pain", "cramps"])
    said = text(phone.get(HERE))
    assert "What you told in the last 28 days" in said
    assert said.count("1 December") >= 2


def test_only_the_last_diary_is_added_up(
    phone: Client, on_plan: Episode, now: clock.Stopped
) -> None:
    send(phone, ml="111")
    now.advance(days=30)
    send(phone, ml="222")
    assert [line.entry.ml for line in bladder.last_diary(on_plan)] == [222]
    assert len(bladder.lines(on_plan)) == 2


def test_the_paper_is_a_pdf_also_when_nothing_is_told(phone: Client, on_plan: Episode) -> None:
    assert phone.get(PAPER).content.startswith(b"%PDF")
    send(phone, ml="250", pain="3")
    assert phone.get(PAPER).content.startswith(b"%PDF")


def test_the_team_sees_the_last_day_and_the_paper_and_another_team_nothing(
    phone: Client, on_plan: Episode, sam: User, ines: User
) -> None:
    send(phone, kind="up")
    phone.force_login(sam)
    assert "Bladder diary" in text(phone.get(reverse("team:person", args=[on_plan.pk])))
    paper = reverse("team:bladder", args=[on_plan.pk])
    assert phone.get(paper).content.startswith(b"%PDF")
    phone.force_login(ines)
    assert phone.get(paper).status_code == 404


def test_nobody_elses_line_can_be_taken_out(on_plan: Episode, rowan: User, ines: User) -> None:
    entry = Entry(Kind.VOID, clock.now() - timedelta(hours=1), 200)
    saved = bladder.add(on_plan, entry, confirmed=False, sent_id="one", by=rowan, at=clock.now())
    with pytest.raises(access.NotFound):
        bladder.take_out(on_plan, saved.pk, by=ines, at=clock.now())


def test_without_consent_nothing_is_kept_and_that_is_said(phone: Client, on_plan: Episode) -> None:
    person = on_plan.person
    consents.set(person, ConsentKind.STORE, given=False, by=person, at=clock.now())
    assert "Nothing was saved" in text(send(phone, ml="250"))
    assert not BladderEntry.objects.exists()
