"""The plan editor: nothing guessed, nothing lost, stopping now as an equal choice."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from stepwell import catalogue
from stepwell.clinic.care import episodes, plans
from stepwell.clinic.care.models import Episode, PlanVersion, Supply
from tests.clinic.team.reading import fields, text
from tests.conftest import MONDAY

TYPED = {
    "amount": "2650 mg",
    "times_per_day": "6",
    "days_per_week": "7",
    "start": "2026-12-01",
    "shape": "proportional",
    "percent": "10",
    "days_per_level": "7",
    "smallest_unit": "50 mg",
    "rationale": "Slowly, because sleep comes first.",
    "stop_now_discussed": "yes",
    "review_by": "2026-12-20",
    "person_may": ["hold", "step"],
    "usual_score": "2",
}


def editor(episode: Episode) -> str:
    return reverse("team:editor", args=[episode.pk])


def send(desk: Client, episode: Episode, action: str = "save", **changed: Any) -> Any:
    sent = {**TYPED, "action": action, **changed}
    return desk.post(editor(episode), {k: v for k, v in sent.items() if v is not None})


def test_the_page_says_that_the_evidence_is_low_where_the_shape_is_chosen(
    sams_desk: Client, episode: Episode
) -> None:
    answer = sams_desk.get(editor(episode))
    said = text(answer)
    assert said.index("The evidence for tapering ketamine is low.") < said.index(
        "How to come down Stop"
    )
    assert reverse("evidence") in answer.content.decode()


def test_stopping_now_is_the_first_choice_beside_every_taper(
    sams_desk: Client, episode: Episode
) -> None:
    said = text(sams_desk.get(editor(episode)))
    assert "Stop now, with support One step to the goal" in said
    assert said.index("Stop now, with support One step") < said.index("The same share each time")


def test_a_range_is_never_turned_into_one_amount_by_itself(
    sams_desk: Client, episode: Episode
) -> None:
    answer = sams_desk.get(editor(episode))
    assert "Written down: 2400 to 2650 mg , 6 times a day" in text(answer)
    assert fields(answer)["amount"] == ""
    assert fields(answer)["times_per_day"] == "6"


def test_the_review_date_is_within_the_protocols_days_unless_changed(
    sams_desk: Client, episode: Episode
) -> None:
    within = catalogue.protocols()["ketamine"].limits.review_within_days.value
    proposed = MONDAY.date() + timedelta(days=int(within))
    assert fields(sams_desk.get(editor(episode)))["review_by"] == proposed.isoformat()


def test_a_step_back_is_left_to_the_person_only_when_it_is_ticked(
    sams_desk: Client, episode: Episode
) -> None:
    send(sams_desk, episode)
    assert plans.latest_draft(episode).person_may == ["hold", "step"]  # type: ignore[union-attr]
    send(sams_desk, episode, person_may=["hold", "step", "step_back"])
    assert "step_back" in plans.latest_draft(episode).person_may  # type: ignore[union-attr]


def test_preview_needs_no_script_and_stores_nothing(sams_desk: Client, episode: Episode) -> None:
    answer = send(sams_desk, episode, "preview", rationale="", usual_score="")
    said = text(answer)
    assert answer.status_code == 200
    assert "Aim to stay under about 2350 mg on days you use." in said
    assert "First day at the goal" in said
    assert "For a clinician to review. Not to be followed." in said
    assert not PlanVersion.objects.exists()


def test_preview_by_script_is_the_same_and_only_a_fragment(
    sams_desk: Client, episode: Episode
) -> None:
    answer = sams_desk.post(reverse("team:preview", args=[episode.pk]), TYPED)
    assert "<html" not in answer.content.decode()
    assert "2350 mg" in text(answer)
    assert not PlanVersion.objects.exists()


def test_every_level_has_its_share_and_its_date(sams_desk: Client, episode: Episode) -> None:
    said = text(sams_desk.post(reverse("team:preview", args=[episode.pk]), TYPED))
    assert "1 2350 mg 12 % 6 7 1 Dec 2026" in said
    assert "2 2100 mg 11 % 6 7 8 Dec 2026" in said


@pytest.mark.parametrize("typed", ["2,65 g", "2,650 mg", "a lot", "2650", "1.500 g"])
def test_an_amount_that_can_mean_two_things_is_refused_and_stays_as_typed(
    sams_desk: Client, episode: Episode, typed: str
) -> None:
    answer = send(sams_desk, episode, amount=typed)
    assert answer.status_code == 422
    assert "Write it like 2650 mg, 2.65 g, or 1.8-2.2 g." in text(answer) or "point" in text(answer)
    assert fields(answer)["amount"] == typed
    assert fields(answer)["rationale"] == TYPED["rationale"]
    assert not PlanVersion.objects.exists()


def test_a_range_as_the_starting_amount_is_refused(sams_desk: Client, episode: Episode) -> None:
    said = text(send(sams_desk, episode, amount="2.4-2.65 g"))
    assert "Write one amount here, not a range." in said


@pytest.mark.parametrize(
    ("field", "why"),
    [
        ("rationale", "Still missing: Why this pace."),
        ("stop_now_discussed", "Say whether stopping now was talked through."),
        ("review_by", "Still missing: Review by."),
        ("usual_score", "Still missing: Ordinary distress"),
        ("shape", "Choose how to come down. Stopping now is one of the ways."),
    ],
)
def test_a_draft_is_not_kept_without_what_a_signature_needs(
    sams_desk: Client, episode: Episode, field: str, why: str
) -> None:
    answer = send(sams_desk, episode, "save", **{field: None})
    assert answer.status_code == 422
    assert why in text(answer)
    assert not PlanVersion.objects.exists()


def test_what_the_planner_refuses_is_said_at_the_field(sams_desk: Client, episode: Episode) -> None:
    answer = send(sams_desk, episode, goal="2700 mg", percent="10", steps="12")
    page = answer.content.decode()
    assert 'href="#id_goal"' in page
    assert 'href="#id_steps"' in page
    assert "The goal (2700 mg) must be below the starting amount (2650 mg)." in text(answer)
    assert fields(answer)["goal"] == "2700 mg"


def test_preview_names_the_field_of_each_refusal(sams_desk: Client, episode: Episode) -> None:
    asked = reverse("team:preview", args=[episode.pk])
    answer = sams_desk.post(asked, {**TYPED, "jump_off": "260 mg"})
    assert 'href="#id_jump_off"' in answer.content.decode()
    assert "260 mg cannot be measured in units of 50 mg." in text(answer)


def test_custom_levels_name_the_line_that_is_wrong(sams_desk: Client, episode: Episode) -> None:
    levels = "2000 mg\n1,5 g\n0 mg"
    answer = send(sams_desk, episode, shape="custom", percent="", levels=levels)
    assert "Line 2:" in text(answer)
    assert fields(answer)["levels"].splitlines() == levels.splitlines()


def test_saving_keeps_a_draft_with_everything_that_was_typed(
    sams_desk: Client, episode: Episode
) -> None:
    answer = send(sams_desk, episode)
    drafted = plans.latest_draft(episode)
    assert drafted is not None
    assert answer["Location"] == reverse("team:plan", args=[drafted.pk])
    assert drafted.request["baseline"]["amount_mg"] == 2650
    assert drafted.rationale == TYPED["rationale"]
    assert drafted.drafted_by.display_name == "Sam"


def test_the_next_draft_begins_from_the_last_and_shows_what_is_different(
    sams_desk: Client, draft: PlanVersion, episode: Episode
) -> None:
    assert fields(sams_desk.get(editor(episode)))["amount"] == "2650 mg"
    said = text(send(sams_desk, episode, "preview", percent="20"))
    assert "Different from version 1" in said
    assert "2350 mg, 6 times a day" in said
    assert "2100 mg, 6 times a day" in said


def test_a_template_fills_in_the_levers_and_keeps_everything_else(
    sams_desk: Client, episode: Episode
) -> None:
    answer = send(sams_desk, episode, "template:stop_now", percent="15", amount="half a bag")
    assert fields(answer)["shape"] == "stop_now"
    assert fields(answer)["percent"] == ""
    assert fields(answer)["amount"] == "half a bag"
    assert fields(answer)["rationale"] == TYPED["rationale"]
    assert not PlanVersion.objects.exists()


@pytest.mark.parametrize("name", ["stop_now", "daily", "binge", "pain_led", "prescribed"])
def test_every_template_is_data_that_says_its_grade_and_leads_to_a_plan(
    sams_desk: Client, episode: Episode, name: str
) -> None:
    entry = catalogue.document("plan_templates.json")["templates"][name]
    answer = send(sams_desk, episode, f"template:{name}", days_per_level="")
    assert entry["source"] in text(answer)
    assert entry["grade"] in text(answer)
    assert "First day at the goal" in text(answer)


def test_a_template_that_does_not_exist_is_not_found(sams_desk: Client, episode: Episode) -> None:
    assert send(sams_desk, episode, "template:faster").status_code == 404


def test_halving_says_that_it_needs_a_clinicians_name_and_reason(
    sams_desk: Client, episode: Episode
) -> None:
    said = text(send(sams_desk, episode, "preview", shape="halving", percent="", days_per_level=""))
    assert "Before a signature: A named clinician authorises" in said
    assert "far faster than any guidance for other drugs" in said


def test_an_authorisation_needs_a_name_of_the_service_and_a_reason(
    sams_desk: Client, episode: Episode
) -> None:
    said = text(send(sams_desk, episode, authorised_reason="Asked for by Rowan."))
    assert "Choose who authorises or confirms it, by name." in said
    said = text(send(sams_desk, episode, authorised_by="Somebody", authorised_reason="Why not."))
    assert "Somebody is not one of the available choices." in said
    named = {"authorised_by": "Dr Osei", "authorised_reason": "Asked for by Rowan; seen weekly."}
    send(sams_desk, episode, shape="halving", percent="", days_per_level="", **named)
    assert plans.latest_draft(episode).authorised_by == "Dr Osei"  # type: ignore[union-attr]


def test_an_end_date_never_makes_it_faster(sams_desk: Client, episode: Episode) -> None:
    said = text(send(sams_desk, episode, "preview", percent="", end_by="2026-12-20"))
    assert "It is never made faster to fit." in said


def test_with_prescribed_supply_a_keyworker_drafts_nothing_and_no_step_is_left_to_the_person(
    sams_desk: Client, oseis_desk: Client, episode: Episode
) -> None:
    Episode.objects.filter(pk=episode.pk).update(supply=Supply.PRESCRIBED)
    assert sams_desk.get(editor(episode)).status_code == 404
    assert "Take the next step" not in text(oseis_desk.get(editor(episode)))
    answer = send(oseis_desk, episode, person_may=["hold", "step"])
    assert "step is not one of the available choices" in text(answer)
    said = text(send(oseis_desk, episode, "preview", person_may=["hold"]))
    assert "Dose: at most 2350 mg a day." in said


def test_open_safety_questions_are_said_before_anybody_starts_typing(
    sams_desk: Client, episode: Episode
) -> None:
    count = len(episodes.catalogue_of_gates())
    said = text(sams_desk.get(editor(episode)))
    assert f"{count} safety questions stand between a draft and a signature." in said
