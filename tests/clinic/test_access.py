"""The only door: who may see whom. What is missing and what is forbidden look the same."""

from collections.abc import Callable
from datetime import date
from uuid import UUID, uuid4

import pytest

from stepwell.clinic.accounts import consents
from stepwell.clinic.accounts.models import ConsentKind, Role, Service, User
from stepwell.clinic.care import access, acts, escalations, plans, queries, reviews
from stepwell.clinic.care.models import Episode, Escalation, PlanVersion, Review, Supply
from tests.conftest import MONDAY, Tell, evening, member, opened_for, share

DAY_ONE = date(2026, 12, 1)
Door = Callable[[User, UUID | str], object]


@pytest.fixture
def escalation(agreed_plan: PlanVersion, tell: Tell) -> Escalation:
    tell(DAY_ONE, flags=["seizure"])
    return Escalation.objects.get()


@pytest.mark.parametrize("name", ["ines", "mo", "ada", "rowan"])
def test_nobody_but_the_own_team_gets_through_any_door(
    name: str, cast: dict[str, User], escalation: Escalation, agreed_plan: PlanVersion
) -> None:
    user, review = cast[name], Review.objects.latest("number")
    doors: list[tuple[Door, object]] = [
        (access.episode_for, escalation.episode_id),
        (access.review_for, review.pk),
        (access.escalation_for, escalation.pk),
    ]
    for door, pk in doors:
        with pytest.raises(access.NotFound) as forbidden:
            door(user, pk)  # type: ignore[arg-type]
        with pytest.raises(access.NotFound) as missing:
            door(user, uuid4())
        assert str(forbidden.value) == str(missing.value) == ""
    assert not access.caseload_for(user).exists()


@pytest.mark.parametrize("name", ["sam", "dr_osei"])
def test_the_own_team_gets_through_every_door(
    name: str, cast: dict[str, User], escalation: Escalation, agreed_plan: PlanVersion
) -> None:
    user, review = cast[name], Review.objects.latest("number")
    assert access.episode_for(user, escalation.episode_id).pk == escalation.episode_id
    assert access.review_for(user, str(review.pk)) == review
    assert access.escalation_for(user, escalation.pk) == escalation
    assert access.plan_for(user, agreed_plan.pk) == agreed_plan
    assert access.caseload_for(user).count() == 1


@pytest.mark.parametrize("pk", ["", "1", "nonsense", "\x00"])
def test_what_is_not_even_an_id_looks_missing(pk: str, sam: User, episode: Episode) -> None:
    with pytest.raises(access.NotFound):
        access.episode_for(sam, pk)


def test_a_person_sees_their_own_course_of_care_and_no_other(
    rowan: User, sam: User, episode: Episode
) -> None:
    assert access.own_episode(rowan) == episode
    with pytest.raises(access.NotFound):
        access.own_episode(sam)


def test_a_person_sees_an_approved_version_and_never_a_draft(
    rowan: User, episode: Episode, draft: PlanVersion
) -> None:
    with pytest.raises(access.NotFound):
        access.plan_for(rowan, draft.pk)


def test_a_person_sees_the_version_that_was_approved(
    rowan: User, ines: User, approved_plan: PlanVersion
) -> None:
    assert access.plan_for(rowan, approved_plan.pk) == approved_plan
    with pytest.raises(access.NotFound):
        access.plan_for(ines, approved_plan.pk)


@pytest.mark.parametrize(
    ("kind", "shut", "still"),
    [
        (ConsentKind.SHARE_KEYWORKER, "sam", "dr_osei"),
        (ConsentKind.SHARE_PRESCRIBER, "dr_osei", "sam"),
    ],
)
def test_consent_withdrawn_stops_access_for_that_role_at_once(
    kind: ConsentKind, shut: str, still: str, cast: dict[str, User], episode: Episode
) -> None:
    consents.set(cast["rowan"], kind, given=False, by=cast["rowan"], at=MONDAY)
    with pytest.raises(access.NotFound):
        access.episode_for(cast[shut], episode.pk)
    assert not any(queries.lanes(cast[shut], MONDAY).values())
    assert access.episode_for(cast[still], episode.pk) == episode


@pytest.mark.parametrize(
    ("kind", "shut", "still"),
    [
        (ConsentKind.SHARE_KEYWORKER, "sam", "dr_osei"),
        (ConsentKind.SHARE_PRESCRIBER, "dr_osei", "sam"),
    ],
)
def test_one_persons_yes_opens_nobody_elses_page(
    kind: ConsentKind, shut: str, still: str, cast: dict[str, User], episode: Episode
) -> None:
    """Robin shares with nobody of this role; that Rowan does must not matter."""
    robin, sam = member(episode.service, "Robin", Role.PERSON), cast["sam"]
    share(robin, *(one for one in ConsentKind if one != kind))
    theirs = opened_for(robin, sam)
    assert list(access.caseload_for(cast[shut])) == [episode]
    with pytest.raises(access.NotFound):
        access.episode_for(cast[shut], theirs.pk)
    assert access.episode_for(cast[still], theirs.pk) == theirs


def test_consent_withdrawn_stops_every_act_of_that_role(
    agreed_plan: PlanVersion, episode: Episode, dr_osei: User, rowan: User
) -> None:
    consents.set(rowan, ConsentKind.SHARE_PRESCRIBER, given=False, by=rowan, at=MONDAY)
    with pytest.raises(access.NotFound):
        acts.take(episode, "freeze", on=DAY_ONE, by=dr_osei, at=evening(DAY_ONE), reason="Unwell.")
    with pytest.raises(access.NotFound):
        plans.approve(agreed_plan, by=dr_osei, at=MONDAY, expected_version=1)


@pytest.mark.parametrize("name", ["ines", "mo", "ada"])
def test_nobody_else_can_act(
    name: str, cast: dict[str, User], escalation: Escalation, agreed_plan: PlanVersion
) -> None:
    user, at, episode = cast[name], evening(DAY_ONE), escalation.episode
    with pytest.raises(access.NotFound):
        acts.take(episode, "resume", on=DAY_ONE, by=user, at=at, reason="No.")
    with pytest.raises(access.NotFound):
        escalations.close(escalation, outcome="Nothing.", by=user, at=at)
    with pytest.raises(access.NotFound):
        reviews.refresh(episode, by=user, at=at)
    with pytest.raises(access.NotFound):
        queries.person_page(user, episode, at)


def test_somebody_who_has_left_sees_nothing(sam: User, rowan: User, episode: Episode) -> None:
    sam.is_active = rowan.is_active = False
    with pytest.raises(access.NotFound):
        access.episode_for(sam, episode.pk)
    with pytest.raises(access.NotFound):
        access.own_episode(rowan)


def actions(user: User, episode: Episode) -> set[str]:
    names = ("draft", "approve", "decide", "clear_gate")
    return {name for name in names if access.may(user, name, episode)}


def test_a_keyworker_drafts_and_a_prescriber_does_everything(
    cast: dict[str, User], episode: Episode
) -> None:
    assert actions(cast["sam"], episode) == {"draft"}
    assert actions(cast["dr_osei"], episode) == {"draft", "approve", "decide", "clear_gate"}
    for name in ("rowan", "ines", "mo", "ada"):
        assert actions(cast[name], episode) == set()


def test_a_named_nurse_is_a_clinician(sam: User, episode: Episode) -> None:
    sam.is_named_clinician = True
    assert actions(sam, episode) == {"draft", "approve", "decide", "clear_gate"}


def test_with_prescribed_supply_the_prescriber_alone_decides(
    sam: User, dr_osei: User, episode: Episode
) -> None:
    episode.supply = Supply.PRESCRIBED
    episode.save()
    sam.is_named_clinician = True
    assert actions(sam, episode) == set()
    assert actions(dr_osei, episode) == {"draft", "approve", "decide", "clear_gate"}


def test_one_services_people_are_not_in_anothers_caseload(
    other_service: Service, ines: User, episode: Episode
) -> None:
    assert ines.service == other_service
    assert not any(queries.lanes(ines, MONDAY).values())
