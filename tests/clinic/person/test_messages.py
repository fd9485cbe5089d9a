"""Messages: kept for good, read by name, late after a working day, and never lost on the way."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from stepwell.clinic import clock
from stepwell.clinic.accounts import consents
from stepwell.clinic.accounts.models import ConsentKind, User
from stepwell.clinic.audit.models import Entry, Unchangeable
from stepwell.clinic.care import lanes, messages, queries, rules, thresholds
from stepwell.clinic.care.models import Episode, Lane, Message
from tests.clinic.person.pages import hidden, text

HERE = "/messages/"
FRIDAY_EVENING = datetime(2026, 12, 4, 18, 0, tzinfo=UTC)


def write(phone: Client, words: str, **more: str) -> str:
    sent = {"message_id": hidden(phone.get(HERE), "message_id"), "text": words, **more}
    return text(phone.post(HERE, sent, follow=True))


def kept(episode: Episode) -> list[str]:
    return list(Message.objects.filter(episode=episode).values_list("text", flat=True))


def test_a_message_is_kept_and_says_when_it_is_read(phone: Client, episode: Episode) -> None:
    said = write(phone, "Bad night. Can we move Tuesday?")
    assert "Sent. It is read in your team’s hours." in said
    assert "Nobody has read this yet." in said
    assert kept(episode) == ["Bad night. Can we move Tuesday?"]


def test_it_says_before_anything_that_nobody_watches(phone: Client, episode: Episode) -> None:
    said = text(phone.get(HERE))
    assert "Your team reads this in its hours: Mon to Fri, 9 to 5." in said
    assert "Nobody watches this screen. In danger, use Help." in said


def test_the_same_message_twice_is_one(phone: Client, episode: Episode) -> None:
    for _ in range(2):
        phone.post(HERE, {"message_id": "phone-1", "text": "Once"})
    assert kept(episode) == ["Once"]


def test_who_read_it_stands_beside_it(
    phone: Client, episode: Episode, sam: User, now: clock.Stopped
) -> None:
    write(phone, "Hello")
    now.move_to(clock.now() + timedelta(hours=1))
    messages.read(episode, by=sam, at=clock.now())
    assert "Sam read this, Mon 30 November at 11:00." in text(phone.get(HERE))
    assert Entry.objects.filter(action="messages.read").count() == 1


def test_an_answer_is_a_note_on_today_until_it_is_read(
    phone: Client, episode: Episode, sam: User
) -> None:
    messages.send(episode, "Tuesday is fine.", message_id="1", by=sam, at=clock.now())
    assert "You have a note" in text(phone.get("/today/"))
    assert "Tuesday is fine." in text(phone.get(HERE))
    assert "You have a note" not in text(phone.get("/today/"))


def test_a_number_is_asked_about_once_and_nothing_typed_is_lost(
    phone: Client, episode: Episode
) -> None:
    words = "Call my sister on 01632 960 111"
    said = write(phone, words)
    assert "There is a number in it." in said
    assert words in said
    assert kept(episode) == []
    write(phone, words, is_sure="on")
    assert kept(episode) == [words]


def test_an_empty_message_says_so(phone: Client, episode: Episode) -> None:
    assert "Write something first." in write(phone, "  ")
    assert kept(episode) == []


def test_without_consent_nothing_is_sent_and_nothing_typed_is_lost(
    phone: Client, episode: Episode, rowan: User
) -> None:
    consents.set(rowan, ConsentKind.STORE, given=False, by=rowan, at=clock.now())
    said = write(phone, "Please call")
    assert "Nothing was sent" in said
    assert "Please call" in said


def test_who_shares_with_nobody_is_told_that_nobody_would_read_it(
    phone: Client, episode: Episode, rowan: User
) -> None:
    for kind in (ConsentKind.SHARE_KEYWORKER, ConsentKind.SHARE_PRESCRIBER):
        consents.set(rowan, kind, given=False, by=rowan, at=clock.now())
    said = write(phone, "Please call")
    assert "you share with nobody who could read it" in said
    assert kept(episode) == []


def test_an_id_of_the_other_side_is_another_message(
    episode: Episode, rowan: User, sam: User
) -> None:
    for who in (rowan, sam, rowan):
        messages.send(episode, f"From {who}", message_id="1", by=who, at=clock.now())
    assert [line.by for line in messages.thread(episode, by=sam)] == ["Rowan", "Sam"]


def test_a_message_cannot_be_changed_afterwards(episode: Episode, rowan: User) -> None:
    messages.send(episode, "Hello", message_id="1", by=rowan, at=clock.now())
    with pytest.raises(Unchangeable):
        Message.objects.filter(episode=episode).update(text="Other")


# --- what waits -----------------------------------------------------------------------------


def decide(user: User) -> list[str]:
    return [card.reason for card in queries.lanes(user, clock.now())[Lane.DECIDE]]


def test_a_message_of_friday_evening_is_late_after_monday(
    episode: Episode, rowan: User, sam: User, now: clock.Stopped
) -> None:
    now.move_to(FRIDAY_EVENING)
    messages.send(episode, "Please call", message_id="1", by=rowan, at=clock.now())
    for days, waits in ((3, False), (4, True)):
        now.move_to(FRIDAY_EVENING + timedelta(days=days))
        assert (lanes.Reason.MESSAGE_WAITS in decide(sam)) is waits, days


def test_an_answer_takes_the_card_and_the_thread_away(
    episode: Episode, rowan: User, sam: User, now: clock.Stopped
) -> None:
    messages.send(episode, "Please call", message_id="1", by=rowan, at=clock.now())
    now.move_to(FRIDAY_EVENING)
    assert [one.is_late for one in messages.inbox(sam, clock.now())] == [True]
    messages.send(episode, "I will at five.", message_id="2", by=sam, at=clock.now())
    assert messages.inbox(sam, clock.now()) == []
    assert decide(sam) == []


@pytest.mark.parametrize("day", range(7))
def test_an_answer_is_due_on_a_working_day(day: int) -> None:
    sent = FRIDAY_EVENING + timedelta(days=day)
    due = messages.reply_by(sent, "Europe/London", range(1, 6))
    assert due > sent.date()
    assert due.weekday() < 5


def test_an_answer_is_due_on_the_days_that_the_service_has_set(
    episode: Episode, rowan: User, sam: User, dr_osei: User
) -> None:
    """Sent on Friday evening to a team that is there on Saturdays."""
    saturdays = replace(thresholds.of(episode.service), days=(4, 6))
    rules.change(saturdays, reason="Saturdays too.", by=dr_osei, at=FRIDAY_EVENING)
    messages.send(episode, "Hello", message_id="1", by=rowan, at=FRIDAY_EVENING)
    (thread,) = messages.inbox(sam, FRIDAY_EVENING)
    assert thread.waiting.reply_by == FRIDAY_EVENING.date() + timedelta(days=1)


def test_the_page_says_when_somebody_reads_again(
    phone: Client, episode: Episode, now: clock.Stopped
) -> None:
    now.move_to(FRIDAY_EVENING - timedelta(hours=4))
    assert "Nobody reads before" not in text(phone.get(HERE))
    now.move_to(FRIDAY_EVENING)
    assert "Nobody reads before Monday 7 December, 09:00." in text(phone.get(HERE))


# --- the team's side ------------------------------------------------------------------------


def test_the_team_reads_and_answers_in_one_place(
    client: Client, episode: Episode, rowan: User, sam: User
) -> None:
    messages.send(episode, "Bad night", message_id="1", by=rowan, at=clock.now())
    client.force_login(sam)
    assert "Bad night" in text(client.get(reverse("team:inbox")))
    thread = reverse("team:messages", args=[episode.pk])
    page = client.get(thread)
    assert "Bad night" in text(page)
    answer = {"message_id": hidden(page, "message_id"), "text": "I will call at five."}
    assert "I will call at five." in text(client.post(thread, answer, follow=True))
    assert "Nobody waits for an answer." in text(client.get(reverse("team:inbox")))


def test_another_team_neither_sees_nor_writes(
    client: Client, episode: Episode, rowan: User, ines: User
) -> None:
    messages.send(episode, "Bad night", message_id="1", by=rowan, at=clock.now())
    client.force_login(ines)
    assert "Bad night" not in text(client.get(reverse("team:inbox")))
    thread = reverse("team:messages", args=[episode.pk])
    sent = {"message_id": "x", "text": "Hello"}
    assert [client.get(thread).status_code, client.post(thread, sent).status_code] == [404, 404]
    assert kept(episode) == ["Bad night"]
