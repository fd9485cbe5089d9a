"""The safety questions: each asked, each cleared by whom the data names, with a written reason."""

from django.test import Client
from django.urls import reverse

from stepwell.clinic.accounts.models import User
from stepwell.clinic.care import episodes
from stepwell.clinic.care.models import Episode, GateAnswer, GateClearance
from tests.clinic.team.conftest import Answer, desk_of
from tests.clinic.team.reading import buttons, fields, text


def page(desk: Client, episode: Episode) -> str:
    return text(desk.get(reverse("team:gates", args=[episode.pk])))


def clear(desk: Client, episode: Episode, gate: str, reason: str = "Seen in clinic.") -> str:
    asked = reverse("team:clear_gate", args=[episode.pk, gate])
    return text(desk.post(asked, {"reason": reason}, follow=True))


def test_every_question_of_the_data_is_on_the_page(sams_desk: Client, episode: Episode) -> None:
    said = page(sams_desk, episode)
    for gate in episodes.catalogue_of_gates():
        assert gate.team in said
        assert gate.question in said
    assert f"Not asked yet {len(episodes.catalogue_of_gates())}" in said


def test_answers_are_kept_from_one_page_and_only_what_changed(
    sams_desk: Client, episode: Episode, answer: Answer
) -> None:
    answer("liver", "no")
    asked = reverse("team:gates_ask", args=[episode.pk])
    sent = fields(sams_desk.get(asked)) | {"injecting": "rather_not_say", "heart": "no"}
    answered = sams_desk.post(asked, sent, follow=True)
    assert "2 answers kept." in text(answered)
    assert GateAnswer.objects.count() == 3


def test_an_unclear_answer_stands_in_the_way_like_a_yes(
    oseis_desk: Client, episode: Episode, answer: Answer
) -> None:
    for said in ("yes", "not_sure", "rather_not_say"):
        answer("liver", said)
        assert "In the way 1" in page(oseis_desk, episode)
    answer("liver", "no")
    assert "In the way" not in page(oseis_desk, episode)


def test_the_named_role_clears_with_a_written_reason(
    oseis_desk: Client, episode: Episode, answer: Answer
) -> None:
    answer("pregnancy", "not_sure")
    said = clear(oseis_desk, episode, "pregnancy", "Test today: not pregnant. Midwife told.")
    assert "Cleared. Your reason is kept with your name." in said
    assert "Cleared by Dr Osei" in said
    assert "Test today: not pregnant. Midwife told." in said


def test_nothing_is_cleared_without_a_reason(
    oseis_desk: Client, episode: Episode, answer: Answer
) -> None:
    answer("liver", "yes")
    clear(oseis_desk, episode, "liver", "   ")
    assert not GateClearance.objects.exists()


def test_a_keyworker_who_is_not_named_cannot_clear(
    sams_desk: Client, episode: Episode, answer: Answer
) -> None:
    answer("liver", "yes")
    assert "You cannot clear this one." in page(sams_desk, episode)
    assert "Clear" not in buttons(sams_desk.get(reverse("team:gates", args=[episode.pk])))
    assert "This needs somebody else." in clear(sams_desk, episode, "liver")
    assert not GateClearance.objects.exists()


def test_a_named_nurse_clears_what_a_clinician_may_and_not_what_a_prescriber_must(
    sam: User, episode: Episode, answer: Answer
) -> None:
    sam.is_named_clinician = True
    sam.save()
    answer("liver", "yes")
    answer("pregnancy", "yes")
    assert "Cleared." in clear(desk_of(sam), episode, "liver")
    assert "This needs somebody else." in clear(desk_of(sam), episode, "pregnancy")


def test_nobody_clears_under_18(oseis_desk: Client, episode: Episode, answer: Answer) -> None:
    answer("under_18", "yes")
    assert "nobody in this service" in page(oseis_desk, episode)
    assert "Cannot be cleared here." in clear(oseis_desk, episode, "under_18")
    assert not GateClearance.objects.exists()


def test_a_question_that_does_not_exist_is_refused(oseis_desk: Client, episode: Episode) -> None:
    asked = reverse("team:clear_gate", args=[episode.pk, "dragons"])
    assert oseis_desk.post(asked, {"reason": "x"}).status_code == 404


def test_a_new_answer_opens_a_cleared_question_again(
    oseis_desk: Client, episode: Episode, answer: Answer
) -> None:
    answer("liver", "yes")
    clear(oseis_desk, episode, "liver")
    answer("liver", "yes")
    assert "In the way 1" in page(oseis_desk, episode)
