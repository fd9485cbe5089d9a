"""The team's addresses."""

from django.urls import path

from stepwell.clinic.team import (
    bladder,
    directory,
    gates,
    letters,
    measurements,
    opening,
    paper,
    people,
    plans,
    profiles,
    questionnaires,
    reach,
    restored,
    reviews,
    rules,
    safeguarding,
    service,
    signed_in,
    threads,
    today,
    told,
    visits,
)

app_name = "team"

_PERSON = "people/<uuid:episode_id>/"
_PLAN = "plans/<uuid:plan_id>/"
_REVIEW = "reviews/<uuid:review_id>/"
_KEPT_APART = "safeguarding/<uuid:episode_id>/"
_SIGNAL = "signals/<uuid:escalation_id>/"

urlpatterns = [
    path("", today.home, name="home"),
    path("directory", directory.directory, name="directory"),
    path("directory/change", directory.change, name="directory_change"),
    path("duty", today.take_duty, name="take_duty"),
    path("signed-in", signed_in.signed_in, name="signed_in"),
    path("told", told.told, name="told"),
    path("rules", rules.rules, name="rules"),
    path("lanes/<slug:lane>", today.lane, name="lane"),
    path("caseload", today.caseload, name="caseload"),
    path("people/open", opening.opening, name="opening"),
    path(_PERSON, people.person, name="person"),
    path(f"{_PERSON}baseline", opening.baseline, name="baseline"),
    path(f"{_PERSON}contact", today.contact, name="contact"),
    path(f"{_PERSON}snooze", today.snooze, name="snooze"),
    path(f"{_PERSON}act", people.act, name="act"),
    path(f"{_PERSON}paper", paper.returned, name="paper"),
    path(f"{_PERSON}sheet.pdf", paper.print_sheet, name="sheet"),
    path(f"{_PERSON}answers", questionnaires.questionnaire_page, name="answers"),
    path(f"{_PERSON}answers/<slug:name>", questionnaires.fill_in, name="fill_in"),
    path(f"{_PERSON}answers/<slug:name>.pdf", questionnaires.print_blank, name="blank"),
    path(f"{_PERSON}letters", letters.letters, name="letters"),
    path(f"{_PERSON}letters/<slug:kind>", letters.write, name="letter"),
    path(
        f"{_PERSON}letters/<uuid:letter_id>/together", letters.read_together, name="read_together"
    ),
    path(f"{_PERSON}letters/<uuid:letter_id>/<slug:form>", letters.hand_over, name="hand_over"),
    path(f"{_PERSON}bladder.pdf", bladder.paper, name="bladder"),
    path(f"{_PERSON}tests", measurements.tests, name="tests"),
    path(f"{_PERSON}profiles", profiles.profiles, name="profiles"),
    path(f"{_PERSON}profiles/<uuid:profile_id>/<slug:form>", profiles.hand_over, name="profile"),
    path(f"{_PERSON}reach", reach.reach, name="reach"),
    path(f"{_PERSON}visits", visits.visits, name="visits"),
    path(f"{_PERSON}visits/<uuid:visit_id>", visits.change, name="visit"),
    path(f"{_PERSON}safeguarding", safeguarding.about, name="safeguarding"),
    path(f"{_PERSON}safeguarding/write", safeguarding.write, name="safeguarding_write"),
    path(f"{_PERSON}safeguarding/break", safeguarding.break_glass, name="safeguarding_break"),
    path("safeguarding", safeguarding.people, name="safeguarding_people"),
    path("safeguarding/looked/<uuid:glass_id>", safeguarding.look, name="safeguarding_look"),
    path(_KEPT_APART, safeguarding.notes, name="safeguarding_notes"),
    path(f"{_KEPT_APART}<uuid:note_id>/add", safeguarding.add, name="safeguarding_add"),
    path("messages", threads.inbox, name="inbox"),
    path(f"{_PERSON}messages", threads.thread, name="messages"),
    path(f"{_PERSON}gates", gates.gates, name="gates"),
    path(f"{_PERSON}gates/ask", gates.ask, name="gates_ask"),
    path(f"{_PERSON}gates/<slug:gate>/clear", gates.clear, name="clear_gate"),
    path(f"{_PERSON}plan", plans.editor, name="editor"),
    path(f"{_PERSON}plan/preview", plans.preview, name="preview"),
    path(_PLAN, plans.plan, name="plan"),
    path(f"{_PLAN}approve", plans.approve, name="approve"),
    path(f"{_PLAN}withdraw", plans.withdraw, name="withdraw"),
    path(_REVIEW, reviews.review, name="review"),
    path(f"{_REVIEW}decide", reviews.decide, name="decide"),
    path(f"{_REVIEW}file", reviews.file, name="review_file"),
    path(f"{_SIGNAL}acknowledge", people.acknowledge, name="acknowledge"),
    path(f"{_SIGNAL}close", people.close, name="close"),
    path("service", service.service, name="service"),
    path("service/restored", restored.restored, name="restored"),
    path("overview", service.overview, name="overview"),
    path("accounts", service.accounts, name="accounts"),
    path("accounts/<uuid:user_id>/role", service.set_role, name="set_role"),
    path(
        "accounts/<uuid:user_id>/second-factor",
        service.take_away_second_factor,
        name="second_factor_away",
    ),
]
