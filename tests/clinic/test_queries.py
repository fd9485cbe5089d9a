"""What the screens read: never an amount that may not be shown, always who decided and why."""

import dataclasses
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from stepwell.clinic.accounts import consents
from stepwell.clinic.accounts.models import ConsentKind, Service, User
from stepwell.clinic.care import access, acts, episodes, plans, queries, reviews
from stepwell.clinic.care.models import Answer, Episode, PlanVersion, Review
from stepwell.clinic.care.queries import Stage
from tests.conftest import MONDAY, REQUEST, Tell, days, draft_of, evening

DAY_ONE = date(2026, 12, 1)
AT = evening(DAY_ONE)


def amounts_in(page: Any, path: str = "") -> Iterator[str]:
    """Where a page carries an amount of a plan, or a number that could be one."""
    if isinstance(page, Model):
        return
    if dataclasses.is_dataclass(page):
        for field in dataclasses.fields(page):
            yield from amounts_in(getattr(page, field.name), f"{path}.{field.name}")
    elif isinstance(page, tuple | list):
        for item in page:
            yield from amounts_in(item, path)
    elif isinstance(page, int) and page >= 50 and "low_mg" not in path and "high_mg" not in path:
        yield path


def persons_pages(episode: Episode, at: datetime) -> list[Any]:
    pages = (queries.today_for_person, queries.plan_for_person, queries.progress_for_person)
    return [page(episode, at) for page in pages]


def shows_an_amount(episode: Episode, at: datetime) -> bool:
    return any(list(amounts_in(page)) for page in persons_pages(episode, at))


# --- never an amount that may not be shown ------------------------------------------------------


def test_on_the_plan_the_amount_is_shown(agreed_plan: PlanVersion, episode: Episode) -> None:
    assert shows_an_amount(episode, AT)
    today = queries.today_for_person(episode, AT)
    assert (today.ceiling_mg, today.times_per_day, today.stage) == (2350, 6, Stage.ON_PLAN)
    assert today.until == date(2026, 12, 8)


@pytest.mark.parametrize("flag", ["seizure", "jaundice"])
def test_a_frozen_plan_shows_no_amount(
    flag: str, agreed_plan: PlanVersion, episode: Episode, tell: Tell
) -> None:
    tell(DAY_ONE, flags=[flag])
    assert not shows_an_amount(episode, AT)
    assert queries.today_for_person(episode, AT).stage == Stage.PAUSED


def test_a_plan_frozen_by_a_gate_shows_no_amount(
    agreed_plan: PlanVersion, episode: Episode, rowan: User
) -> None:
    episodes.answer_gate(episode, "pregnancy", Answer.YES, by=rowan, at=AT)
    assert not shows_an_amount(episode, AT)


def test_two_silent_weeks_show_no_amount(agreed_plan: PlanVersion, episode: Episode) -> None:
    assert not shows_an_amount(episode, AT + timedelta(days=20))


def test_a_lapsed_ceiling_shows_no_amount(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell
) -> None:
    for day in days(DAY_ONE, 4):
        tell(day, used=False)
    assert not shows_an_amount(episode, evening(date(2026, 12, 4)))


def test_before_the_first_day_no_amount_is_shown(
    agreed_plan: PlanVersion, episode: Episode
) -> None:
    assert not shows_an_amount(episode, MONDAY)
    assert queries.today_for_person(episode, MONDAY).stage == Stage.STARTS_LATER


def test_a_draft_shows_no_amount(draft: PlanVersion, episode: Episode) -> None:
    assert not shows_an_amount(episode, AT)
    assert queries.today_for_person(episode, AT).stage == Stage.NO_PLAN


def test_what_waits_to_be_agreed_shows_no_amount_while_frozen(
    approved_plan: PlanVersion, episode: Episode, tell: Tell
) -> None:
    tell(MONDAY.date(), at=MONDAY, flags=["seizure"])
    assert not shows_an_amount(episode, MONDAY)
    assert queries.plan_for_person(episode, MONDAY).to_agree is not None


def test_a_closed_course_of_care_shows_no_amount(
    agreed_plan: PlanVersion, episode: Episode, dr_osei: User
) -> None:
    episodes.close(episode, outcome="Done.", by=dr_osei, at=AT)
    closed = Episode.objects.get(pk=episode.pk)
    assert not shows_an_amount(closed, AT)
    assert queries.today_for_person(closed, AT).stage == Stage.CLOSED


# --- days ---------------------------------------------------------------------------------------


def test_a_missing_day_is_never_a_zero(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell
) -> None:
    tell(DAY_ONE)
    tell(DAY_ONE + timedelta(days=2), used=False)
    tell(DAY_ONE + timedelta(days=3), amount_mg=None)
    page = queries.progress_for_person(episode, evening(DAY_ONE + timedelta(days=3)))
    last = page.days[-4:]
    assert [day.status for day in last] == ["used", "missing", "none", "used"]
    assert [(day.low_mg, day.high_mg) for day in last] == [
        (1800, 2000),
        (None, None),
        (0, 0),
        (None, None),
    ]
    assert (page.coverage.told, page.coverage.of, page.coverage.low) == (3, 28, True)


def test_the_check_in_recorded_last_counts_and_flags_add_up(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell
) -> None:
    tell(DAY_ONE, flags=["cramps"], event_id="a")
    tell(DAY_ONE, flags=["leakage"], event_id="b", amount_mg=[100, 100])
    day = queries.progress_for_person(episode, AT).days[-1]
    assert (day.low_mg, day.flags) == (100, ("cramps", "leakage"))


def test_the_strip_tells_what_stood_on_each_day(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell, rowan: User, sam: User
) -> None:
    for day in days(DAY_ONE, 8):
        tell(day)
    at = evening(date(2026, 12, 8))
    acts.take(episode, "step", on=at.date(), by=rowan, at=at)
    page = queries.person_page(sam, episode, at)
    assert [day.ceiling_mg for day in page.days[-9:]] == [None] + [2350] * 7 + [2100]
    assert [day.level for day in page.days[-2:]] == [1, 2]


def test_weeks_add_up_what_was_told(agreed_plan: PlanVersion, episode: Episode, tell: Tell) -> None:
    for day in days(DAY_ONE, 3):
        tell(day)
    tell(DAY_ONE + timedelta(days=3), used=False)
    page = queries.progress_for_person(episode, evening(DAY_ONE + timedelta(days=3)))
    week = page.weeks[-1]
    assert (week.days_used, week.days_off, week.low_mg, week.high_mg) == (3, 1, 5400, 6000)
    assert week.coverage.told == 4
    assert page.items["sleep"][-1] == 2
    assert page.items["sleep"][0] is None


# --- today --------------------------------------------------------------------------------------


def test_today_says_what_is_still_to_tell(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell
) -> None:
    tell(DAY_ONE)
    later = evening(date(2026, 12, 4))
    page = queries.today_for_person(episode, later)
    assert not page.told_today
    assert page.untold_days == (date(2026, 11, 30), date(2026, 12, 2), date(2026, 12, 3))
    assert page.first_check_in


def test_days_off_are_counted_and_silence_neither_makes_nor_ends_them(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell
) -> None:
    tell(DAY_ONE)
    tell(date(2026, 12, 2), used=False)
    tell(date(2026, 12, 4), used=False)
    page = queries.today_for_person(episode, evening(date(2026, 12, 4)))
    assert (page.days_off_this_week, page.days_off_running) == (2, 2)


def test_the_safety_question_is_due_weekly_and_after_any_answer_but_no(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell
) -> None:
    assert queries.today_for_person(episode, AT).safety_question_due
    tell(DAY_ONE)
    assert not queries.today_for_person(episode, AT + timedelta(days=6)).safety_question_due
    assert queries.today_for_person(episode, AT + timedelta(days=7)).safety_question_due
    tell(DAY_ONE, safety="declined", event_id="declined")
    assert queries.today_for_person(episode, AT).safety_question_due


def test_dependence_on_something_else_chooses_the_other_text(
    agreed_plan: PlanVersion, episode: Episode, rowan: User
) -> None:
    assert not queries.today_for_person(episode, AT).also_depends
    episodes.answer_gate(episode, "alcohol_dependence", Answer.NOT_SURE, by=rowan, at=AT)
    assert queries.today_for_person(episode, AT).also_depends


def test_the_person_sees_who_read_it_last(
    agreed_plan: PlanVersion, episode: Episode, sam: User
) -> None:
    assert queries.today_for_person(episode, AT).last_read_by is None
    episodes.log_look(episode, by=sam, at=AT)
    page = queries.today_for_person(episode, AT)
    assert (page.last_read_by, page.last_read_at) == ("Sam", AT)
    assert queries.me_for_person(episode, AT).trail[0].action == "episodes.log_look"


def test_the_most_urgent_open_signal_is_on_today(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell
) -> None:
    tell(DAY_ONE, flags=["jaundice", "seizure"])
    assert queries.today_for_person(episode, AT).urgency == "emergency"


# --- who decided, and why -----------------------------------------------------------------------


def test_each_side_sees_who_decided_and_why(
    agreed_plan: PlanVersion, episode: Episode, rowan: User, sam: User, dr_osei: User, tell: Tell
) -> None:
    tell(DAY_ONE)
    acts.take(episode, "hold", on=DAY_ONE, by=rowan, at=AT, days=2)
    acts.take(episode, "freeze", on=DAY_ONE, by=dr_osei, at=AT, reason="Pale.")
    expected = [
        ("freeze", "Dr Osei", "Pale."),
        ("hold", "Rowan", ""),
        ("agreed", "Rowan", ""),
        ("approved", "Dr Osei", "Slowly, because sleep comes first."),
    ]
    for acts_ in (
        queries.plan_for_person(episode, AT).history,
        queries.person_page(sam, episode, AT).acts,
    ):
        assert [(act.kind, act.by.name, act.reason) for act in acts_] == expected


def test_today_says_who_signed_and_when_it_was_agreed(
    agreed_plan: PlanVersion, episode: Episode
) -> None:
    page = queries.today_for_person(episode, AT)
    assert page.approved_by is not None
    assert (page.approved_by.name, page.approved_by.role) == ("Dr Osei", "prescriber")
    assert (page.approved_on, page.agreed_on, page.start) == (
        MONDAY.date(),
        MONDAY.date(),
        DAY_ONE,
    )


def test_every_finding_has_words_for_both_and_a_source(
    agreed_plan: PlanVersion, episode: Episode
) -> None:
    (finding,) = queries.plan_for_person(episode, AT).findings
    assert finding.person != finding.team
    assert finding.source
    assert finding.awaiting_review


# --- one person on one page ---------------------------------------------------------------------


def test_the_page_of_a_person_has_everything(
    agreed_plan: PlanVersion, episode: Episode, sam: User, tell: Tell
) -> None:
    tell(DAY_ONE, flags=["jaundice"])
    draft_of(episode, sam, AT)
    page = queries.person_page(sam, episode, AT)
    assert page.plan is not None
    assert page.draft is not None
    assert (page.person, page.keyworker, page.plan.version) == ("Rowan", "Sam", 1)
    assert [plan.version for plan in page.plans] == [2, 1]
    assert page.open_review is not None
    assert len(page.escalations) == 1
    assert len(page.gates) == len(episodes.catalogue_of_gates())
    assert {line.kind for line in page.consents} == set(ConsentKind)
    assert {blocker.key for blocker in page.draft_blockers} == {"not_a_clinician"}
    assert page.baseline is not None
    assert (page.may_draft, page.may_approve, page.may_decide) == (True, False, False)
    assert not any(page.may_clear.values())
    assert {card.lane for card in page.cards} == {"safety", "decide", "due"}


def test_the_page_costs_the_same_questions_however_long_the_history(
    agreed_plan: PlanVersion, episode: Episode, sam: User, tell: Tell
) -> None:
    def questions(at: datetime) -> int:
        with CaptureQueriesContext(connection) as asked:
            queries.person_page(sam, episode, at)
        return len(asked)

    tell(DAY_ONE, flags=["jaundice"])
    few = questions(AT)
    for day in days(DAY_ONE + timedelta(days=1), 15):
        tell(day, flags=["jaundice"])
    assert questions(evening(date(2026, 12, 16))) == few


def test_a_review_page_knows_whether_it_is_still_the_one(
    agreed_plan: PlanVersion, episode: Episode, dr_osei: User, tell: Tell
) -> None:
    tell(DAY_ONE, flags=["jaundice"])
    review = Review.objects.get(status="open")
    page = queries.review_page(dr_osei, review.pk, AT)
    assert page.is_current
    assert page.superseded_by is None
    assert page.effects == {"approve": "stays_frozen", "decline": "resume"}
    tell(DAY_ONE, flags=["fainting"], event_id="later")
    stale = queries.review_page(dr_osei, review.pk, AT)
    assert not stale.is_current
    assert stale.superseded_by == Review.objects.get(status="open").pk


def test_another_team_finds_no_page(agreed_plan: PlanVersion, episode: Episode, ines: User) -> None:
    with pytest.raises(access.NotFound):
        queries.person_page(ines, episode, AT)


# --- the service --------------------------------------------------------------------------------


def test_a_real_service_shows_only_numbers_that_were_checked(service: Service) -> None:
    lines = queries.help_lines(service)
    assert lines
    assert all(line.verified and line.source and line.checked_on for line in lines)
    assert lines[0].kind == "emergency"


def test_the_demo_shows_the_others_too_and_marks_them(demo_service: Service) -> None:
    demo_service.country = "AU"
    assert not all(line.verified for line in queries.help_lines(demo_service))


def test_a_country_nobody_has_written_down_has_no_numbers(service: Service) -> None:
    service.country = "XX"
    assert queries.help_lines(service) == []


def test_what_was_asked_at_the_start_is_there_to_change(episode: Episode, rowan: User) -> None:
    page = queries.start_for_person(episode)
    assert page.baseline is not None
    assert page.what_matters == ("sleep", "money")
    assert page.goal == "none"
    episodes.describe(episode, by=rowan, at=AT, word="it", what_matters=["people"])
    found = Episode.objects.get(pk=episode.pk)
    assert (found.word, found.what_matters, found.goal) == ("it", ["people"], "none")


def test_consent_that_was_withdrawn_is_shown_as_no(episode: Episode, rowan: User) -> None:
    consents.set(rowan, ConsentKind.STORE, given=False, by=rowan, at=AT)
    lines = {line.kind: line.given for line in queries.me_for_person(episode, AT).consents}
    assert (lines["store"], lines["share_gp"]) == (False, None)


def test_a_plan_by_name_is_the_one_in_force(agreed_plan: PlanVersion, episode: Episode) -> None:
    assert plans.current(episode) == agreed_plan
    assert plans.to_agree(episode) is None
    assert plans.preview(REQUEST)["accepted"]
    assert reviews.case(episode, DAY_ONE)["plan"]["version"] == 1
    assert queries.plan_for_person(episode, AT).plan is not None
