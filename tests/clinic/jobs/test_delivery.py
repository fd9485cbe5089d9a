"""What waits in the outbox goes out: each notice once, whatever fails or is killed on the way."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from stepwell.clinic.accounts import ways
from stepwell.clinic.accounts.models import Channel, User
from stepwell.clinic.care import escalations, outbox
from stepwell.clinic.care.models import Escalation, Notice, NoticeEnd, PlanVersion
from stepwell.clinic.jobs import delivery
from stepwell.clinic.jobs.senders import Outgoing, Refused, Sender, Unreachable
from tests.clinic.test_alerts import reachable
from tests.conftest import MONDAY, Tell

AT = datetime(2026, 12, 1, 11, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Killed(BaseException):
    """As `kill -9` is: nothing after it runs."""


class Provider:
    """Somebody's mail or text service: it keeps what it took, and may do as it is told instead."""

    def __init__(self) -> None:
        self.took: list[Outgoing] = []
        self.does: Callable[[], None] = lambda: None

    def __call__(self, one: Outgoing) -> None:
        self.does()
        self.took.append(one)


@pytest.fixture
def mail() -> Provider:
    return Provider()


@pytest.fixture
def sms() -> Provider:
    return Provider()


@pytest.fixture
def by(mail: Provider, sms: Provider) -> dict[str, Sender]:
    return {"email": mail, "sms": sms}


@pytest.fixture
def signal(agreed_plan: PlanVersion, tell: Tell, sam: User) -> Escalation:
    reachable(sam)
    tell(date(2026, 12, 1), at=AT, flags=["seizure"])
    return Escalation.objects.get()


def down() -> None:
    raise Unreachable("TimeoutError")


def refuses() -> None:
    raise Refused("answer 400")


def killed() -> None:
    raise Killed


def test_a_notice_is_sent_once_and_says_nothing_of_whom(
    signal: Escalation, by: dict[str, Sender], mail: Provider
) -> None:
    assert [delivery.deliver(AT, by), delivery.deliver(AT, by)] == [1, 0]
    sent = mail.took[0]
    assert (sent.address, len(mail.took)) == ("sam@example.org", 1)
    assert "Rowan" not in sent.subject + sent.text
    assert Notice.objects.get().ended == "sent"


def test_while_one_worker_holds_it_another_gets_nothing(signal: Escalation) -> None:
    assert len(outbox.take(AT, 10)) == 1
    assert outbox.take(AT, 10) == []


def test_a_worker_that_was_killed_before_it_sent_leaves_it_to_the_next(
    signal: Escalation, by: dict[str, Sender], mail: Provider
) -> None:
    mail.does = killed
    with pytest.raises(Killed):
        delivery.deliver(AT, by)
    mail.does = lambda: None
    assert delivery.deliver(AT + MINUTE, by) == 0
    assert delivery.deliver(AT + outbox.HELD_FOR, by) == 1
    assert len(mail.took) == 1


def test_killed_between_sending_and_noting_it_goes_again_under_the_same_id(
    signal: Escalation, by: dict[str, Sender], mail: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a provider can tell that it is the same one."""
    with monkeypatch.context() as patched:
        patched.setattr(outbox, "end", lambda *_, **__: killed())
        with pytest.raises(Killed):
            delivery.deliver(AT, by)
    delivery.deliver(AT + outbox.HELD_FOR, by)
    assert len(mail.took) == 2
    assert len({one.id for one in mail.took}) == 1
    assert Notice.objects.filter(ended="sent").count() == 1


def test_a_worker_that_comes_too_late_does_not_mark_what_another_took_up(
    signal: Escalation,
) -> None:
    slow = outbox.take(AT, 1)[0]
    other = outbox.take(AT + outbox.HELD_FOR, 1)[0]
    assert outbox.put_off(slow, "TimeoutError", at=AT + outbox.HELD_FOR) is False
    assert outbox.end(other, NoticeEnd.SENT, at=AT + outbox.HELD_FOR) is True


def test_where_a_provider_is_down_it_is_tried_again_after_longer_pauses(
    signal: Escalation, by: dict[str, Sender], mail: Provider
) -> None:
    mail.does = down
    waits, at = [], AT
    for _ in range(8):
        delivery.deliver(at, by)
        due = Notice.objects.get().due_at
        waits.append((due - at) // MINUTE)
        at = due
    assert waits == [1, 2, 5, 10, 20, 30, 30, 30]
    mail.does = lambda: None
    delivery.deliver(at, by)
    assert (Notice.objects.get().ended, Notice.objects.get().error) == ("sent", "TimeoutError")


def test_what_a_provider_refuses_is_not_tried_again(
    signal: Escalation, by: dict[str, Sender], mail: Provider
) -> None:
    mail.does = refuses
    delivery.deliver(AT, by)
    assert Notice.objects.get().ended == "refused"


def test_one_provider_down_does_not_keep_the_other_waiting(
    agreed_plan: PlanVersion,
    tell: Tell,
    sam: User,
    by: dict[str, Sender],
    mail: Provider,
    sms: Provider,
) -> None:
    for channel in Channel:
        reachable(sam, channel)
    tell(date(2026, 12, 1), at=AT, flags=["seizure"])
    mail.does = down
    delivery.deliver(AT, by)
    assert (len(mail.took), len(sms.took)) == (0, 1)


def test_once_somebody_has_taken_the_signal_what_waits_is_not_sent(
    signal: Escalation, by: dict[str, Sender], mail: Provider, sam: User
) -> None:
    escalations.acknowledge(signal, by=sam, at=AT)
    delivery.deliver(AT, by)
    assert (mail.took, Notice.objects.get().ended) == ([], "moot")


def test_to_an_address_that_was_taken_back_nothing_is_sent(
    signal: Escalation, by: dict[str, Sender], mail: Provider, sam: User
) -> None:
    ways.remove(sam, Channel.EMAIL, at=AT)
    delivery.deliver(AT, by)
    assert (mail.took, Notice.objects.get().ended) == ([], "moot")


def test_a_code_that_is_too_old_is_not_sent_and_none_is_kept(
    sam: User, by: dict[str, Sender], mail: Provider
) -> None:
    way, code = ways.set(sam, Channel.EMAIL, "sam@example.org", at=MONDAY)
    outbox.post_code(way, code or "", at=MONDAY)
    delivery.deliver(MONDAY + timedelta(hours=1), by)
    assert (mail.took, Notice.objects.get().ended) == ([], "too_late")
    assert Notice.objects.get().code == ""


def test_a_code_goes_to_the_address_it_is_to_confirm(
    sam: User, by: dict[str, Sender], mail: Provider
) -> None:
    way, code = ways.set(sam, Channel.EMAIL, "sam@example.org", at=MONDAY)
    outbox.post_code(way, code or "", at=MONDAY)
    delivery.deliver(MONDAY, by)
    assert code is not None
    assert code in mail.took[0].text


def test_what_ended_long_ago_is_forgotten_and_what_waits_never(
    signal: Escalation, by: dict[str, Sender]
) -> None:
    assert outbox.clear_away(AT + timedelta(days=400)) == 0
    delivery.deliver(AT, by)
    assert outbox.clear_away(AT + timedelta(days=89)) == 0
    assert outbox.clear_away(AT + timedelta(days=91)) == 1
