"""Who is told of a safety signal, and when the next is told because nobody has acted."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings

from stepwell.clinic.accounts import consents, ways
from stepwell.clinic.accounts.models import Channel, ConsentKind, Service, User
from stepwell.clinic.audit.models import Entry
from stepwell.clinic.care import alerts, duty, escalations, outbox
from stepwell.clinic.care.models import Episode, Escalation, Notice, PlanVersion
from tests.conftest import MONDAY, Tell

TUESDAY = date(2026, 12, 1)
AT = datetime(2026, 12, 1, 11, 0, tzinfo=UTC)  # the team is there
NIGHT = datetime(2026, 12, 1, 23, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ADDRESSES = {Channel.EMAIL: "{}@example.org", Channel.SMS: "+44770090012{}"}


def reachable(user: User, *channels: Channel, at_any_hour: bool = False) -> User:
    """As though the code had come back."""
    for number, channel in enumerate(channels or (Channel.EMAIL,)):
        told = user.username if channel == Channel.EMAIL else str(number)
        address = ADDRESSES[channel].format(told)
        _, code = ways.set(user, channel, address, at_any_hour=at_any_hour, at=MONDAY)
        ways.confirm(user, channel, code or "", at=MONDAY)
    return user


@pytest.fixture(autouse=True)
def everybody_can_be_told(sam: User, dr_osei: User, mo: User, ada: User, ines: User) -> None:
    for user in (sam, dr_osei, mo, ada, ines):
        reachable(user)


@pytest.fixture
def told_of(agreed_plan: PlanVersion, tell: Tell) -> Escalation:
    """An emergency, told on Tuesday at eleven: Rowan's keyworker is Sam, and nobody is on duty."""
    tell(TUESDAY, at=AT, flags=["seizure"])
    return Escalation.objects.get()


def told(signal: Escalation, kind: str = "signal") -> set[str]:
    """Everybody for whom a notice was written so far."""
    found = Notice.objects.filter(escalation=signal, kind=kind)
    return set(found.values_list("to__display_name", flat=True))


def climbs_at(signal: Escalation) -> datetime | None:
    signal.refresh_from_db()
    return signal.climbs_at


def test_whoever_owns_the_record_is_told_with_the_act_itself(told_of: Escalation) -> None:
    assert told(told_of) == {"Sam"}
    assert Notice.objects.get().due_at == AT
    assert climbs_at(told_of) == AT + 10 * MINUTE


def test_whoever_is_on_duty_is_told_too(
    agreed_plan: PlanVersion, tell: Tell, service: Service, dr_osei: User
) -> None:
    duty.take(service, dr_osei, by=dr_osei, at=AT - MINUTE)
    tell(TUESDAY, at=AT, flags=["seizure"])
    assert told(Escalation.objects.get()) == {"Sam", "Dr Osei"}


def test_before_its_time_nobody_else_is_told(told_of: Escalation) -> None:
    assert alerts.climb(AT + 10 * MINUTE - timedelta(seconds=1)) == 0
    assert told(told_of) == {"Sam"}


def test_nobody_acts_so_every_colleague_who_may_open_it_and_then_whoever_runs_the_service(
    told_of: Escalation,
) -> None:
    assert alerts.climb(AT + 10 * MINUTE) == 1
    assert told(told_of) == {"Sam", "Dr Osei"}
    assert alerts.climb(AT + 20 * MINUTE) == 1
    assert told(told_of) == {"Sam", "Dr Osei", "Mo", "Ada"}


def test_it_goes_on_until_somebody_has_taken_it(told_of: Escalation) -> None:
    at = AT
    for _ in range(12):
        at = climbs_at(told_of) or at
        assert alerts.climb(at) == 1
    assert at == AT + (20 + 10 * 30) * MINUTE
    assert Notice.objects.filter(to__display_name="Sam").count() == 13


def test_a_step_that_is_due_is_told_once_however_many_ask_for_it(told_of: Escalation) -> None:
    assert [alerts.climb(AT + 10 * MINUTE) for _ in range(3)] == [1, 0, 0]
    assert Notice.objects.count() == 3


def test_what_was_missed_while_nothing_ran_is_told_at_once_and_not_in_a_heap(
    told_of: Escalation,
) -> None:
    late = AT + timedelta(hours=6)
    assert alerts.climb(late) == 1
    assert climbs_at(told_of) == late
    assert alerts.climb(late) == 1
    assert climbs_at(told_of) == late + 30 * MINUTE


def test_once_it_is_taken_only_its_outcome_is_asked_for(told_of: Escalation, sam: User) -> None:
    escalations.acknowledge(told_of, by=sam, at=AT + MINUTE)
    due = climbs_at(told_of)
    assert due == AT + 241 * MINUTE
    assert alerts.climb(AT + 60 * MINUTE) == 0
    assert alerts.climb(due) == 1
    assert told(told_of, "signal_unfinished") == {"Sam"}
    assert told(told_of) == {"Sam"}


def test_a_human_with_an_outcome_stops_the_clock_and_no_timer_ever_does(
    told_of: Escalation, sam: User
) -> None:
    for day in range(1, 30):
        alerts.climb(AT + timedelta(days=day))
    told_of.refresh_from_db()
    assert told_of.closed_at is None
    escalations.close(told_of, outcome="Safe, with a friend.", by=sam, at=AT + timedelta(days=30))
    assert climbs_at(told_of) is None
    assert alerts.climb(AT + timedelta(days=60)) == 0


def test_what_is_for_the_same_day_climbs_in_the_hours_of_the_team(
    agreed_plan: PlanVersion, tell: Tell
) -> None:
    tell(TUESDAY, at=NIGHT, flags=["jaundice"])
    signal = Escalation.objects.get()
    assert climbs_at(signal) == datetime(2026, 12, 2, 10, 0, tzinfo=UTC)


def test_at_night_only_those_are_woken_who_said_so(
    agreed_plan: PlanVersion, tell: Tell, sam: User, dr_osei: User
) -> None:
    ways.set(dr_osei, Channel.EMAIL, "dr-osei@example.org", at_any_hour=True, at=MONDAY)
    tell(TUESDAY, at=NIGHT, flags=["seizure"])
    alerts.climb(NIGHT + 10 * MINUTE)
    due = dict(Notice.objects.filter(to=dr_osei).values_list("to__display_name", "due_at"))
    assert due == {"Dr Osei": NIGHT + 10 * MINUTE}
    morning = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)
    assert set(Notice.objects.filter(to=sam).values_list("due_at", flat=True)) == {morning}


def test_only_those_who_may_open_the_record_are_told_to_look(
    agreed_plan: PlanVersion, tell: Tell, rowan: User
) -> None:
    consents.set(rowan, ConsentKind.SHARE_KEYWORKER, given=False, by=rowan, at=MONDAY)
    tell(TUESDAY, at=AT, flags=["seizure"])
    assert told(Escalation.objects.get()) == {"Dr Osei"}


def test_where_nobody_may_open_it_whoever_runs_the_service_is_told_that(
    agreed_plan: PlanVersion, tell: Tell, rowan: User
) -> None:
    for kind in (ConsentKind.SHARE_KEYWORKER, ConsentKind.SHARE_PRESCRIBER):
        consents.set(rowan, kind, given=False, by=rowan, at=MONDAY)
    tell(TUESDAY, at=AT, flags=["seizure"])
    signal = Escalation.objects.get()
    assert (told(signal), told(signal, "nobody_may_see")) == (set(), {"Mo", "Ada"})


def test_what_is_routine_rings_nobody(agreed_plan: PlanVersion, tell: Tell) -> None:
    for number in range(3):
        tell(TUESDAY + timedelta(days=number), flags=["cramps"])
    assert Escalation.objects.filter(urgency="routine").exists()
    assert not Notice.objects.exists()


def test_each_step_is_in_the_trail(told_of: Escalation, episode: Episode) -> None:
    alerts.climb(AT + 10 * MINUTE)
    steps = Entry.objects.filter(action="alerts.climb", episode_id=episode.pk).order_by("id")
    said = [(one.detail["rung"], one.detail["whom"], one.detail["notices"]) for one in steps]
    assert said == [(0, "owners", 1), (1, "clinicians", 2)]


def test_two_ways_are_both_used_so_that_one_provider_may_be_down(
    agreed_plan: PlanVersion, tell: Tell, sam: User
) -> None:
    reachable(sam, Channel.SMS)
    tell(TUESDAY, at=AT, flags=["seizure"])
    assert set(Notice.objects.values_list("way__channel", flat=True)) == {"email", "sms"}


OUTING = re.compile(
    r"ket|drug|substance|addict|recover|stepwell|clinic\b|dose|taper|use\b|mg\b|suic|overdose|rowan"
    r"|氯胺酮|毒|藥|戒|癮|診所",
    re.IGNORECASE,
)
FOR_A_PERSON = ("code", "test", "note", "reminder")


@pytest.mark.parametrize("kind", sorted(outbox.kinds()))
@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
def test_no_notice_in_any_language_says_what_it_is_about(kind: str, language: str) -> None:
    """Also those for colleagues: a lock screen is read by whoever sits beside it."""
    text = " ".join(outbox.words(kind, language).values())
    if kind not in FOR_A_PERSON:
        text = text.replace("clinical safety officer", "")
    assert not OUTING.search(text)


def test_a_person_is_told_in_the_language_they_read() -> None:
    assert outbox.words("note", "zh-hant")["text"] == "你有一則訊息。"
    assert outbox.words("note", "xx")["text"] == "You have a note."
