"""A card in words: one plain reason, what to do about it, and the two small forms it carries."""

from dataclasses import dataclass
from datetime import date

from django.forms import Form
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from stepwell.clinic.care import queries
from stepwell.clinic.care.models import Lane
from stepwell.clinic.team import forms, words

REASON: words.Words = {
    "signal": "%(what)s",
    "signals": _("%(what)s, and %(more)s more."),
    "frozen": _("Frozen. %(why)s"),
    "review": "%(why)s",
    "step_back_offered": _("A step back from level %(level)s is offered. %(why)s"),
    "finish_offered": "%(why)s",
    "held": _("On hold. %(why)s"),
    "asked_to_talk": _("Asked to talk."),
    "message_waits": _("Wrote to you; an answer was due on %(day)s."),
    "visit_fell_through": _("Could not come on %(day)s, and nothing else is booked."),
    "came_back": _("Came back after the end, and would like to go on."),
    "ready_to_step": _("Settled on level %(level)s: the next step is open to them."),
    "silent": _("Nothing told for %(age)s days."),
    "asked_to_delete": _("Asked for their record to be deleted."),
    "draft_waiting": _("Version %(version)s by %(by)s waits for a signature."),
    "still_frozen": _("Still frozen. %(why)s"),
    "review_date": _("The plan is to be reviewed by %(day)s."),
    "to_agree": _("Version %(version)s is signed and waits for the person."),
    "gates_open": _("Safety questions that are open: %(count)s."),
    "baseline_done": _("%(days)s days told: enough for a first plan."),
    "profile_due": _("The outcomes profile is due."),
    "tests_due": _("Test due: %(which)s."),
    "tests_due_more": _("Tests due: %(which)s, and %(more)s more."),
}
SUGGESTED: words.Words = {
    "call_now": _("Call now"),
    "call_today": _("Call today"),
    "decide": _("Read and decide"),
    "talk": _("Call and talk"),
    "answer_them": _("Say what is deleted, what is kept, and for how long"),
    "answer_message": _("Read it and answer"),
    "book_another": _("Find another time with them"),
    "encourage": _("Say well done; the step is theirs"),
    "nudge": _("Send a neutral note"),
    "call": _("Call on the safe number"),
    "second_channel": _("Try the second way to reach them"),
    "team_discussion": _("Talk about it in the team"),
    "plan_is_paused": _("No plan goes on after this long: reach them, then begin together"),
    "read_and_sign": _("Read it and sign"),
    "resume_or_close": _("Resume, or end it"),
    "draft_next_version": _("Draft the next version"),
    "go_through_it": _("Go through it together"),
    "ask_or_clear": _("Ask or clear them"),
    "draft_a_plan": _("Draft a plan"),
    "order_tests": _("Arrange it, and write down what it shows"),
}
# Facts that are days, written out before they stand in a sentence.
DAYS = ("day",)
OPENS = {
    "person": "team:person",
    "review": "team:review",
    "plan": "team:plan",
    "gates": "team:gates",
    "messages": "team:messages",
    "visits": "team:visits",
    "tests": "team:tests",
    "reach": "team:reach",
    "profiles": "team:profiles",
    "editor": "team:editor",
}
# Where more than one thing of a kind stands behind the card.
MORE = {"signal": "signals", "tests_due": "tests_due_more"}


@dataclass(frozen=True, slots=True)
class CardView:
    """One card as it is shown."""

    card: queries.Card
    reason: str
    suggested: str
    age: str
    href: str
    contact: Form
    snooze: Form | None


def view(card: queries.Card) -> CardView:
    """The card with its words filled in."""
    return CardView(
        card=card,
        reason=_filled(REASON, _reason(card), card),
        suggested=_filled(SUGGESTED, card.suggested, card),
        age=words.days_ago(card.age_days),
        href=reverse(OPENS[card.opens], args=[card.opens_id]),
        contact=forms.ContactForm(auto_id=f"contact-{card.lane}-{card.episode_id}-%s"),
        snooze=_snooze(card),
    )


def _reason(card: queries.Card) -> str:
    return MORE.get(card.reason, card.reason) if _more(card) else card.reason


def _more(card: queries.Card) -> int:
    """How many more stand behind the one that is named."""
    return int(card.facts.get("count", 1)) - 1


def _filled(named: words.Words, key: str, card: queries.Card) -> str:
    text = named.get(key)
    if text is None:
        return words.of({}, key).capitalize()
    facts = {
        name: date_format(date.fromisoformat(str(fact)), "j F") if name in DAYS else fact
        for name, fact in card.facts.items()
    }
    return str(text) % {**facts, "more": _more(card), "age": card.age_days}


def _snooze(card: queries.Card) -> Form | None:
    """Danger and a freeze cannot be put off."""
    if card.lane == Lane.SAFETY or card.reason == queries.Reason.FROZEN:
        return None
    return forms.SnoozeForm(
        today=card.since,
        initial={"lane": card.lane},
        auto_id=f"snooze-{card.lane}-{card.episode_id}-%s",
    )
