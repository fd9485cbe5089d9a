"""Signing: only when nothing stands in the way, by name, once, for what was read."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import User
from stepwell.clinic.care import plans
from stepwell.clinic.care.models import Episode, PlanStatus, PlanVersion
from tests.clinic.team.conftest import PASSWORD
from tests.clinic.team.reading import buttons, fields, text
from tests.conftest import REQUEST, draft_of


def page(desk: Client, plan: PlanVersion) -> Any:
    return desk.get(reverse("team:plan", args=[plan.pk]))


def sign(desk: Client, plan: PlanVersion, *, password: str = PASSWORD, version: int = 0) -> str:
    sent = {"password": password, "expected_version": version or plan.version}
    return text(desk.post(reverse("team:approve", args=[plan.pk]), sent, follow=True))


def status(plan: PlanVersion) -> PlanStatus:
    return PlanVersion.objects.get(pk=plan.pk).status


def test_every_blocker_is_listed_with_a_way_to_end_it_and_there_is_no_button(
    oseis_desk: Client, draft: PlanVersion, dr_osei: User
) -> None:
    answer = page(oseis_desk, draft)
    found = plans.blockers(draft, dr_osei, clock.now())
    assert found
    for blocker in found:
        assert blocker.text in text(answer)
    assert "Sign as Dr Osei" not in buttons(answer)
    html = answer.content.decode()
    assert reverse("team:gates", args=[draft.episode_id]) + "#gate-under_18" in html
    assert reverse("team:service") in html


def test_a_signature_that_is_sent_all_the_same_is_refused(
    oseis_desk: Client, draft: PlanVersion
) -> None:
    said = sign(oseis_desk, draft)
    assert "has not accepted this protocol version" in said
    assert status(draft) == PlanStatus.DRAFT


def test_a_keyworker_cannot_sign(sams_desk: Client, ready_draft: PlanVersion, sam: User) -> None:
    answer = page(sams_desk, ready_draft)
    assert "Only a prescriber or a named nurse of this service approves a plan." in text(answer)
    sam.set_password(PASSWORD)
    sam.save()
    sams_desk.force_login(sam)
    sign(sams_desk, ready_draft)
    assert status(ready_draft) == PlanStatus.DRAFT


def test_the_page_to_sign_says_that_the_evidence_is_low_and_why_this_pace(
    oseis_desk: Client, ready_draft: PlanVersion
) -> None:
    said = text(page(oseis_desk, ready_draft))
    assert "The evidence for tapering ketamine is low." in said
    assert "Slowly, because sleep comes first." in said
    assert "Stopping now Was talked through." in said
    assert "Sign as Dr Osei" in buttons(page(oseis_desk, ready_draft))


def test_signing_asks_for_the_password_again(oseis_desk: Client, ready_draft: PlanVersion) -> None:
    said = sign(oseis_desk, ready_draft, password="another-password-9")
    assert "That is not your password. Nothing was signed." in said
    assert status(ready_draft) == PlanStatus.DRAFT


def test_a_signed_version_says_who_signed_and_when(
    oseis_desk: Client, ready_draft: PlanVersion
) -> None:
    said = sign(oseis_desk, ready_draft)
    assert "Signed by you. It waits for the person to agree." in said
    assert "Signed by Dr Osei, prescriber, on 30 Nov 2026." in said
    assert status(ready_draft) == PlanStatus.APPROVED
    assert "Sign as Dr Osei" not in buttons(page(oseis_desk, ready_draft))


def test_of_two_signatures_the_second_is_told_who_was_first(
    oseis_desk: Client, ready_draft: PlanVersion, sam: User
) -> None:
    sam.is_named_clinician = True
    sam.save()
    form = fields(page(oseis_desk, ready_draft))
    plans.approve(ready_draft, by=sam, at=clock.now(), expected_version=1)
    sent = {"password": PASSWORD, "expected_version": form["expected_version"]}
    answer = oseis_desk.post(reverse("team:approve", args=[ready_draft.pk]), sent, follow=True)
    assert "Sam has approved version 1 already." in text(answer)
    signed = PlanVersion.objects.get(pk=ready_draft.pk)
    assert signed.approved_by == sam


def test_what_is_signed_is_what_was_read(
    oseis_desk: Client, ready_draft: PlanVersion, episode: Episode, sam: User
) -> None:
    newer = draft_of(episode, sam, clock.now() + timedelta(minutes=5))
    said = sign(oseis_desk, ready_draft)
    assert "has been replaced by a newer one" in said
    assert status(newer) == PlanStatus.DRAFT


def test_the_difference_to_the_last_signed_version_is_shown(
    oseis_desk: Client, agreed_plan: PlanVersion, episode: Episode, sam: User
) -> None:
    newer = draft_of(episode, sam, clock.now(), request={**REQUEST, "percent": 20})
    said = text(page(oseis_desk, newer))
    assert "Different from version 1" in said
    assert "Number of levels 21 " in said
    assert "Level 1 2350 mg, 6 times a day, 7 days a week 2100 mg" in said


def test_a_draft_is_taken_back_and_never_signed_after_that(
    sams_desk: Client, oseis_desk: Client, ready_draft: PlanVersion
) -> None:
    answer = sams_desk.post(reverse("team:withdraw", args=[ready_draft.pk]), follow=True)
    assert "Version 1 was taken back." in text(answer)
    sign(oseis_desk, ready_draft)
    assert status(ready_draft) == PlanStatus.WITHDRAWN
    again = sams_desk.post(reverse("team:withdraw", args=[ready_draft.pk]), follow=True)
    assert "was withdrawn" in text(again)


def test_a_password_never_appears_on_the_page_again(
    oseis_desk: Client, ready_draft: PlanVersion
) -> None:
    sent = {"password": "typed-by-mistake-11", "expected_version": 1}
    answer = oseis_desk.post(reverse("team:approve", args=[ready_draft.pk]), sent)
    assert "typed-by-mistake-11" not in answer.content.decode()
