"""A card in words: one plain reason, what to do about it, and the two small forms it carries."""

from dataclasses import dataclass

from django.forms import Form
from django.urls import reverse

from stepwell.clinic.care import queries
from stepwell.clinic.care.models import Lane
from stepwell.clinic.team import forms, words

REASON: words.Words = {}
SUGGESTED: words.Words = {}
OPENS = {
    "person": "team:person",
    "review": "team:review",
    "plan": "team:plan",
    "gates": "team:gates",
}


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
        reason=_filled(REASON, card.reason, card),
        suggested=_filled(SUGGESTED, card.suggested, card),
        age=words.days_ago(card.age_days),
        href=reverse(OPENS[card.opens], args=[card.opens_id]),
        contact=forms.ContactForm(auto_id=f"contact-{card.lane}-{card.episode_id}-%s"),
        snooze=_snooze(card),
    )


def _filled(named: words.Words, key: str, card: queries.Card) -> str:
    facts = {"name": card.person, **card.facts}
    text = named.get(key)
    return words.of({}, key).capitalize() if text is None else str(text) % facts


def _snooze(card: queries.Card) -> Form | None:
    """The safety lane cannot be put off."""
    if card.lane == Lane.SAFETY:
        return None
    return forms.SnoozeForm(
        today=card.since,
        initial={"lane": card.lane},
        auto_id=f"snooze-{card.lane}-{card.episode_id}-%s",
    )
