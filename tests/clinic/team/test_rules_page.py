"""The page of a service's rules, and the duty on the team's day."""

from typing import Any

from django.test import Client
from django.urls import reverse

from stepwell.clinic.accounts.models import Service, User
from stepwell.clinic.care import thresholds
from stepwell.clinic.care.models import Duty, Episode, RulesChange
from tests.clinic.team.reading import buttons, text

PAGE = reverse("team:rules")
HOME = reverse("team:home")


def typed(service: Service, **other: Any) -> dict[str, Any]:
    return thresholds.of(service).values() | {"promise_minutes": ""} | other


def test_everybody_of_the_team_reads_the_rules_and_their_grade(
    sams_desk: Client, mos_desk: Client, adas_desk: Client
) -> None:
    for desk in (sams_desk, mos_desk, adas_desk):
        said = text(desk.get(PAGE))
        assert "await a clinician's review" in said
        assert "As shipped; nobody here has changed them." in said
        assert "Keep these rules" not in said
        assert desk.post(PAGE, {}).status_code == 404


def test_a_clinician_sees_what_a_rule_would_do_before_it_can_be_kept(
    oseis_desk: Client, service: Service, frozen: Episode
) -> None:
    assert "Keep these rules" not in buttons(oseis_desk.get(PAGE))
    looked = oseis_desk.post(PAGE, {**typed(service, call=4), "look": ""})
    assert "Looked at the one person of your caseload." in text(looked)
    assert "Keep these rules" in buttons(looked)
    assert not RulesChange.objects.exists()


def test_rules_are_kept_with_their_reason_and_shown_with_it(
    oseis_desk: Client, service: Service, frozen: Episode
) -> None:
    without = oseis_desk.post(PAGE, {**typed(service, call=4), "keep": ""})
    assert "Still missing: Why it is to be so." in text(without)
    kept = oseis_desk.post(
        PAGE, {**typed(service, call=4, reason="Many moved."), "keep": ""}, follow=True
    )
    assert "Set by Dr Osei" in text(kept)
    assert "Many moved." in text(kept)
    assert thresholds.of(service).call == 4


def test_a_number_beyond_its_bounds_is_refused_and_what_was_typed_stays(
    oseis_desk: Client, service: Service
) -> None:
    answer = oseis_desk.post(PAGE, {**typed(service, call=30, reason="Because."), "keep": ""})
    assert answer.status_code == 422
    assert 'value="30"' in answer.content.decode()
    assert "Because." in answer.content.decode()
    assert not RulesChange.objects.exists()


def test_a_worker_goes_on_duty_and_puts_a_colleague_there(
    sams_desk: Client, service: Service, sam: User, dr_osei: User
) -> None:
    assert "Nobody is on duty." in text(sams_desk.get(HOME))
    said = text(sams_desk.post(reverse("team:take_duty"), {"who": str(sam.pk)}, follow=True))
    assert "Sam is on duty until Mon 17:00" in said
    sams_desk.post(reverse("team:take_duty"), {"who": str(dr_osei.pk)})
    assert [one.who for one in Duty.objects.order_by("id")] != []
    assert Duty.objects.count() == 2


def test_nobody_else_is_put_on_duty(
    sams_desk: Client, iness_desk: Client, mos_desk: Client, mo: User, ines: User, sam: User
) -> None:
    door = reverse("team:take_duty")
    for who in (mo, ines):
        assert sams_desk.post(door, {"who": str(who.pk)}).status_code == 404
    for desk in (iness_desk, mos_desk):
        assert desk.post(door, {"who": str(sam.pk)}).status_code == 404
    assert not Duty.objects.exists()


def test_a_signal_past_the_promise_stands_on_top_with_its_name(
    sams_desk: Client, service: Service, frozen: Episode, now: Any
) -> None:
    Service.objects.filter(pk=service.pk).update(promise_minutes=30)
    now.advance(days=1)
    said = text(sams_desk.get(HOME))
    assert "One signal that nobody took within 30 minutes" in said
    assert "These are everybody's until somebody is." in said
