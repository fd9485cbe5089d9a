"""One person on one page: what was told, what is recommended and why, who decided what."""

from datetime import date, timedelta

from django.test import Client
from django.urls import reverse

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import User
from stepwell.clinic.care import acts, escalations, plans, reviews
from stepwell.clinic.care.models import Episode, Escalation, Event, PlanVersion
from tests.clinic.team.reading import buttons, fields, text
from tests.conftest import Tell, days, evening

DAY_ONE = date(2026, 12, 1)


def page(desk: Client, episode: Episode) -> str:
    return text(desk.get(reverse("team:person", args=[episode.pk])))


def test_the_page_begins_with_what_matters_to_them(sams_desk: Client, episode: Episode) -> None:
    said = page(sams_desk, episode)
    assert "What matters to them Sleep Money" in said
    assert "Ease off to none" in said
    assert "Rowan has no plan yet." in said


def test_before_anything_is_told_silence_is_not_zero(sams_desk: Client, episode: Episode) -> None:
    said = page(sams_desk, episode)
    assert "No check-ins yet. Silence is not zero." in said
    assert "Based on 0 of 28 days" in said


def test_every_finding_is_shown_with_what_was_seen_the_limit_and_the_source(
    sams_desk: Client, calm_week: Episode
) -> None:
    said = page(sams_desk, calm_week)
    for found in reviews.standing(calm_week, clock.now()).recommendation.findings:
        assert found.rule in said
        assert found.team in said
        assert found.source in said


def test_under_half_of_the_days_known_is_said_beside_the_figures(
    sams_desk: Client, calm_week: Episode
) -> None:
    said = page(sams_desk, calm_week)
    assert "Based on 7 of 28 days" in said
    assert "Less than half of these days is known." in said


def test_half_or_more_of_the_days_known_needs_no_warning(
    sams_desk: Client, agreed_plan: PlanVersion, tell: Tell, now: clock.Stopped
) -> None:
    for day in days(DAY_ONE, 20):
        now.move_to(evening(day))
        tell(day)
    said = page(sams_desk, agreed_plan.episode)
    assert "Based on 20 of 28 days" in said
    assert "Less than half" not in said


def test_the_picture_says_in_words_and_as_a_table_what_it_shows(
    sams_desk: Client, calm_week: Episode, tell: Tell
) -> None:
    said = page(sams_desk, calm_week)
    assert "Based on 7 of 28 days. 7 days of use. 0 days without." in said
    assert "Amounts told from 1800 to 2000 mg." in said
    assert "1800 to 2000 mg" in said.split("The same as a table")[1]


def test_the_levels_stand_with_their_dates_as_they_are_now(
    sams_desk: Client, calm_week: Episode, rowan: User
) -> None:
    before = page(sams_desk, calm_week)
    assert "2350 mg" in before
    today = reviews.standing(calm_week, clock.now()).on
    acts.take(calm_week, "hold", on=today, by=rowan, at=clock.now(), days=4)
    after = page(sams_desk, calm_week)
    assert "Tue 8 Dec 2026" in before
    assert "Tue 8 Dec 2026" not in after.split("All 22 levels")[0]


def test_a_frozen_plan_shows_no_amount_to_come(sams_desk: Client, frozen: Episode) -> None:
    said = page(sams_desk, frozen)
    assert "no amount is shown" in said
    assert "not shown" in said
    assert "no date for now" in said


def test_who_decided_and_why_is_on_the_page(
    sams_desk: Client, calm_week: Episode, rowan: User, dr_osei: User
) -> None:
    today = reviews.standing(calm_week, clock.now()).on
    acts.take(calm_week, "freeze", on=today, by=dr_osei, at=clock.now(), reason="A new medicine.")
    said = page(sams_desk, calm_week)
    assert "Signed the plan: Dr Osei, prescriber" in said
    assert "Slowly, because sleep comes first." in said
    assert "Froze the plan: Dr Osei, prescriber A new medicine." in said


def test_a_signal_is_seen_and_then_closed_with_its_outcome_by_name(
    sams_desk: Client, frozen: Episode, sam: User
) -> None:
    signal = Escalation.objects.get(episode=frozen)
    assert "Nobody has marked it as seen." in page(sams_desk, frozen)
    sams_desk.post(reverse("team:acknowledge", args=[signal.pk]))
    assert "Seen by Sam" in page(sams_desk, frozen)
    told = {"outcome": "Seen by the GP today; antibiotics."}
    answer = sams_desk.post(reverse("team:close", args=[signal.pk]), told, follow=True)
    assert "Closed. The outcome is kept with your name." in text(answer)
    signal.refresh_from_db()
    assert (signal.closed_by, signal.outcome) == (sam, "Seen by the GP today; antibiotics.")


def test_a_signal_is_not_closed_without_an_outcome(sams_desk: Client, frozen: Episode) -> None:
    signal = Escalation.objects.get(episode=frozen)
    answer = sams_desk.post(reverse("team:close", args=[signal.pk]), {"outcome": " "})
    assert answer.status_code == 422
    signal.refresh_from_db()
    assert signal.closed_at is None


def test_of_two_who_close_a_signal_the_second_is_told_who_was_first(
    sams_desk: Client, frozen: Episode, dr_osei: User
) -> None:
    signal = Escalation.objects.get(episode=frozen)
    escalations.close(signal, outcome="Seen in A&E.", by=dr_osei, at=clock.now())
    told = {"outcome": "Called."}
    answer = sams_desk.post(reverse("team:close", args=[signal.pk]), told, follow=True)
    assert "Dr Osei has closed this." in text(answer)
    signal.refresh_from_db()
    assert signal.outcome == "Seen in A&E."


def act(desk: Client, episode: Episode, kind: str, **told: str) -> str:
    sent = {"kind": kind, "event_id": "one", **told}
    return text(desk.post(reverse("team:act", args=[episode.pk]), sent, follow=True))


def test_a_prescriber_freezes_with_a_reason(oseis_desk: Client, calm_week: Episode) -> None:
    assert "Write why." in act(oseis_desk, calm_week, "freeze")
    assert "Done: Freeze the plan." in act(oseis_desk, calm_week, "freeze", reason="New medicine.")
    assert reviews.standing(calm_week, clock.now()).recommendation.offer == "freeze"


def test_pressing_twice_is_one_act(oseis_desk: Client, calm_week: Episode) -> None:
    for _ in range(2):
        act(oseis_desk, calm_week, "hold", days="3", reason="Exam week.")
    assert Event.objects.filter(kind="hold").count() == 1


def test_a_finding_needs_to_say_what_and_whether_it_is_worse(
    oseis_desk: Client, calm_week: Episode
) -> None:
    said = act(oseis_desk, calm_week, "finding", reason="Ultrasound.")
    assert "Say what was found: bladder, liver or weight." in said
    assert "Say whether it is worse." in said
    said = act(oseis_desk, calm_week, "finding", organ="bladder", worse="yes", reason="Scan.")
    assert "Done" in said
    assert reviews.standing(calm_week, clock.now()).recommendation.offer == "review"


def test_a_keyworker_is_offered_only_what_they_may_do(
    sams_desk: Client, calm_week: Episode
) -> None:
    offered = buttons(sams_desk.get(reverse("team:person", args=[calm_week.pk])))
    assert "Freeze the plan" not in offered
    assert "Hold" in offered
    said = act(sams_desk, calm_week, "freeze", reason="Worried.")
    assert "Only a prescriber or a named nurse does this." in said
    assert not Event.objects.filter(kind="freeze").exists()


def test_an_act_that_is_not_one_is_refused(oseis_desk: Client, calm_week: Episode) -> None:
    assert "There is no such act." in act(oseis_desk, calm_week, "double")


def test_what_was_typed_stays_when_an_act_is_refused(
    oseis_desk: Client, calm_week: Episode
) -> None:
    sent = {"kind": "set_level", "event_id": "one", "level": "99", "reason": "As agreed by phone."}
    answer = oseis_desk.post(reverse("team:act", args=[calm_week.pk]), sent)
    assert "Choose a level from 0 to" in text(answer)
    assert fields(answer)["reason"] == "As agreed by phone."
    assert fields(answer)["event_id"] == "one"


def test_what_did_not_fit_is_shown_and_not_lost(
    sams_desk: Client, calm_week: Episode, tell: Tell
) -> None:
    today = reviews.standing(calm_week, clock.now()).on
    tell(today - timedelta(days=30), at=clock.now(), event_id="late")
    assert "Told, but it did not fit" in page(sams_desk, calm_week)


def test_a_new_version_that_waits_for_the_person_is_linked(
    sams_desk: Client, approved_plan: PlanVersion
) -> None:
    said = page(sams_desk, approved_plan.episode)
    assert plans.current(approved_plan.episode) == approved_plan
    assert "has not agreed to it yet" in said


def test_the_page_says_in_one_sentence_where_somebody_stands(
    sams_desk: Client, agreed_plan: PlanVersion, tell: Tell, now: clock.Stopped
) -> None:
    episode = agreed_plan.episode
    assert "Rowan has agreed to version 1; day 1 is Tuesday 1 December." in page(sams_desk, episode)
    now.move_to(evening(DAY_ONE))
    tell(DAY_ONE)
    said = page(sams_desk, episode)
    assert "Rowan is on level 1 of 21, at most 2350 mg: stay on this level." in said


def test_many_routine_signals_do_not_bury_an_urgent_one(sams_desk: Client, frozen: Episode) -> None:
    for number, key in enumerate(("cramps", "leakage", "nosebleeds")):
        Escalation.objects.create(
            service=frozen.service,
            episode=frozen,
            key=key,
            urgency="routine",
            since=DAY_ONE,
            rule=key,
            raised_at=clock.now() + timedelta(minutes=number),
        )
    said = page(sams_desk, frozen)
    assert said.index("Visible blood in urine") < said.index("3 routine signals")
