"""Words and figures for the team's templates."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from stepwell.clinic import clock
from stepwell.clinic.care import words as care_words
from stepwell.clinic.team import words

register = template.Library()

_NAMED: Mapping[str, words.Words] = {
    "lane": words.LANE,
    "lane_tag": words.LANE_TAG,
    "urgency": words.URGENCY,
    "goal": words.GOAL,
    "supply": words.SUPPLY,
    "offer": words.OFFER,
    "offer_tag": words.OFFER_TAG,
    "act": words.ACT,
    "did": words.DID,
    "contact": words.CONTACT,
    "channel": words.CHANNEL,
    "contact_outcome": words.CONTACT_OUTCOME,
    "consent": words.CONSENT,
    "answer": words.ANSWER,
    "role": words.ROLE,
    "plan_status": words.PLAN_STATUS,
    "decided": words.DECIDED,
    "shape": words.SHAPE,
    "shape_about": words.SHAPE_ABOUT,
    "day_status": words.DAY_STATUS,
    "safety": words.SAFETY,
    "person_may": words.PERSON_MAY,
    "action": words.ACTION,
    "figure": words.FIGURE,
    "unit": words.UNIT,
    "route": words.ROUTE,
    "item": words.ITEM,
    "matters": words.MATTERS,
    "need": words.NEED,
    "visit": words.VISIT,
    "visit_how": words.VISIT_HOW,
}


def _word_for(named: words.Words) -> Any:
    def word(name: object) -> str:
        return words.of(named, name)

    return word


for _name, _words in _NAMED.items():
    register.filter(_name, _word_for(_words))


@register.filter
def flag(name: str) -> str:
    """The team's words for a flag."""
    return words.flag(name)


@register.filter
def rule(name: str) -> str:
    """The team's words for a rule."""
    return care_words.rule(name).team


@register.filter
def mg(amount: int | None) -> str:
    """Whole milligrams as they are read: 2,350 mg."""
    return "" if amount is None else _("%s mg") % f"{amount}"


@register.filter
def amount(day: Any) -> str:
    """The amount of a day as it was told: one figure, a range, or nothing."""
    if day.low_mg is None or day.high_mg is None:
        return ""
    if day.low_mg == day.high_mg:
        return mg(day.low_mg)
    return _("%(low)s to %(high)s mg") % {"low": f"{day.low_mg}", "high": f"{day.high_mg}"}


@register.filter
def baseline(told: Any) -> str:
    """The amount of a baseline: one figure or a range."""
    if told.amount_low_mg == told.amount_high_mg:
        return mg(told.amount_low_mg)
    ends = {"low": f"{told.amount_low_mg}", "high": f"{told.amount_high_mg}"}
    return _("%(low)s to %(high)s mg") % ends


@register.filter
def subject(name: str) -> str:
    """What a line of the trail is about: a signal in words, anything else as it is."""
    return words.signal(name) if "_" in name else name


@register.filter
def may_step(told: Any) -> bool:
    """False while a clinician has to act first: a date would then promise something."""
    return told.offer not in ("freeze", "review", "finish")


@register.filter
def open_signals(page: Any) -> list[Any]:
    """The signals nobody has closed yet."""
    return [line for line in page.escalations if line.is_open]


@register.filter
def urgent(page: Any) -> list[Any]:
    """The open signals that are for now or for today."""
    return [line for line in open_signals(page) if line.urgency != "routine"]


@register.filter
def routine(page: Any) -> list[Any]:
    """The open signals that can wait for the next contact."""
    return [line for line in open_signals(page) if line.urgency == "routine"]


@register.filter
def signal(key: str) -> str:
    """The words for what a signal is about: a flag, or else the rule that raised it."""
    return words.signal(key)


@register.filter
def fact(value: Any) -> str:
    """What a rule saw, or its limit, as somebody reads it."""
    if value is None or value in ([], ()):
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        return "; ".join(f"{words.of({}, key)}: {fact(one)}" for key, one in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(fact(one) for one in value)
    return _told(value) if isinstance(value, str) else str(value)


def _told(value: str) -> str:
    """A day written out, a flag in words, or the text itself."""
    try:
        return date_format(date.fromisoformat(value), "j M Y")
    except ValueError:
        return words.flag(value) if value.isidentifier() else value


@register.filter
def ago(at: datetime) -> str:
    """How many days ago something was."""
    days = (clock.now() - at).days
    return words.days_ago(days) if days <= 0 else _("%s ago") % words.days_ago(days)


@register.filter
def get(mapping: Mapping[Any, Any], key: Any) -> Any:
    """One value of a mapping, None when it is not there."""
    return mapping.get(key)
