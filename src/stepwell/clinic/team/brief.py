"""One minute before a conversation: the page's facts in sentences."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stepwell.clinic.care import details, queries
from stepwell.clinic.care.episodes import GateState
from stepwell.clinic.care.reviews import Rung
from stepwell.clinic.team import words

NEAR = 4  # today's level and the three after it


@dataclass(frozen=True, slots=True)
class GatesView:
    """The safety questions in three groups: those in the way, those cleared, those answered no."""

    unanswered: tuple[GateState, ...]
    open: tuple[GateState, ...]
    cleared: tuple[GateState, ...]
    closed: tuple[GateState, ...]


@dataclass(frozen=True, slots=True)
class LevelView:
    """One level as it stands now, and whether the person is past it, on it or before it."""

    rung: Rung
    state: str
    after_gap: bool = False


def gates(states: Iterable[GateState]) -> GatesView:
    """The safety questions grouped by what is still to do."""
    found = list(states)
    return GatesView(
        unanswered=tuple(s for s in found if s.answer is None),
        open=tuple(s for s in found if s.is_open and s.answer is not None),
        cleared=tuple(s for s in found if s.cleared_by is not None),
        closed=tuple(s for s in found if s.answer == "no"),
    )


def levels(page: queries.PersonPage) -> tuple[LevelView, ...]:
    """The whole plan: levels that are past, today's, and the later as their dates stand."""
    outlook = page.standing.outlook
    # A level put between counts with the one above it, which is then past.
    here = outlook[0].level + outlook[0].between if outlook else 0
    past = [rung for rung in (page.plan.rungs if page.plan else ()) if rung.level < here]
    return (
        *(LevelView(rung, "past") for rung in past),
        *(LevelView(rung, "next" if number else "here") for number, rung in enumerate(outlook)),
    )


def near(views: Sequence[LevelView]) -> tuple[LevelView, ...]:
    """The levels around today's and the goal: what a conversation is about."""
    here = next((n for n, view in enumerate(views) if view.state == "here"), 0)
    kept = views[max(0, here - 1) : here + NEAR]
    goal = views[here + NEAR :][-1:]
    gap = [replace(view, after_gap=len(views) > here + NEAR + 1) for view in goal]
    return (*kept, *gap)


def sentence(page: queries.PersonPage) -> str:
    """Where somebody stands, in one sentence."""
    plan = page.plan
    if plan is None:
        return _no_plan(page)
    said = {"name": page.person, "n": plan.version}
    if plan.start is None:
        text = _("%(name)s has an approved plan, version %(n)d, and has not agreed to it yet.")
        return text % said
    if plan.start > page.standing.on:
        text = _("%(name)s has agreed to version %(n)d; day 1 is %(day)s.")
        return text % {**said, "day": date_format(plan.start, "l j F")}
    return _on_plan(page, plan)


def _on_plan(page: queries.PersonPage, plan: queries.PlanView) -> str:
    told = page.standing.recommendation
    where = {
        "name": page.person,
        "level": f"{told.level}½" if told.between else str(told.level),
        "levels": len(plan.rungs) - 1,
        "offer": _lower(words.of(words.OFFER, told.offer)),
        "mg": told.ceiling_mg,
    }
    if told.ceiling_mg is None:
        text = _("%(name)s is on level %(level)s of %(levels)d, no amount is shown: %(offer)s.")
    elif told.ceiling_mg == 0:
        text = _("%(name)s is on level %(level)s of %(levels)d, the goal of none: %(offer)s.")
    else:
        text = _("%(name)s is on level %(level)s of %(levels)d, at most %(mg)d mg: %(offer)s.")
    return text % where


def _no_plan(page: queries.PersonPage) -> str:
    if page.draft is not None:
        return _("%(name)s has a draft plan, version %(n)d, that nobody has signed.") % {
            "name": page.person,
            "n": page.draft.version,
        }
    return _("%s has no plan yet.") % page.person


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def ask_about(page: queries.PersonPage) -> list[str]:
    """Up to three things worth asking, from what was told; nothing is asked twice."""
    told = [day for day in page.days if day.status != "missing"]
    flags = {flag for day in told[-7:] for flag in day.flags}
    asks = [words.flag(flag) for flag in sorted(flags)]
    asks += [_("The days nobody knows about")] if page.coverage.low else []
    asks += _hardest(told[-3:])
    asks += [words.of(words.MATTERS, one) for one in page.episode.what_matters]
    return list(dict.fromkeys(asks))[:3]


def _hardest(days: Sequence[queries.Day]) -> list[str]:
    """The item that was worst on the last days, if anything was told."""
    told: dict[str, list[int]] = {}
    for day in days:
        for item, value in (day.answers or {}).items():
            if value is not None:
                told.setdefault(item, []).append(value)
    if not told:
        return []
    worst = max(told, key=lambda item: sum(told[item]) / len(told[item]))
    return [words.of(words.ITEM, worst)] if any(told[worst]) else []


def described(page: queries.PersonPage) -> str:
    """What the picture of the days says, for somebody who does not see it."""
    used = [day for day in page.days if day.status == "used"]
    free = sum(day.status == "none" for day in page.days)
    parts: list[Any] = [
        _("Based on %(told)d of %(of)d days.")
        % {"told": page.coverage.told, "of": page.coverage.of},
        ngettext("%d day of use.", "%d days of use.", len(used)) % len(used),
        ngettext("%d day without.", "%d days without.", free) % free,
    ]
    amounts = [
        (d.low_mg, d.high_mg) for d in used if d.low_mg is not None and d.high_mg is not None
    ]
    if amounts:
        low, high = min(low for low, _high in amounts), max(high for _low, high in amounts)
        parts.append(
            _("Amounts told from %(low)s to %(high)s mg.") % {"low": f"{low}", "high": f"{high}"}
        )
    return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Added:
    """What the person added to one day, in words."""

    on: date
    said: str
    note: str


def added(found: Sequence[details.Detail]) -> list[Added]:
    return [Added(one.on, "; ".join(_added(one)), one.note) for one in found]


def _added(one: details.Detail) -> Iterator[str]:
    known = details.choices()
    yield from (_(known["mixed"][name]["label"]) for name in one.mixed)
    yield from (_(known["routes"][name]) for name in one.routes)
    if one.new_bag is not None:
        yield _("a new bag") if one.new_bag else _("not a new bag")
