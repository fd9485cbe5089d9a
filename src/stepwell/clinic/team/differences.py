"""What is different between two versions of a plan, for somebody who signs the newer one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from stepwell.clinic.team import words


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that changed: its name, how it was and how it is."""

    what: str
    before: str
    now: str


def between(before: Any, now: Any) -> list[Difference]:
    """What changed from one plan version to another; both are rows, the older first."""
    return [
        Difference(what, old, new)
        for (what, old), (_same, new) in zip(_told(before), _told(now), strict=True)
        if old != new
    ]


def levels(
    before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]
) -> list[tuple[int, str, str]]:
    """Levels side by side by their number: before and now in words, one of them may be empty."""
    rows = []
    for number in range(max(len(before), len(now))):
        old = _level(before[number]) if number < len(before) else ""
        new = _level(now[number]) if number < len(now) else ""
        rows.append((number, old, new))
    return rows


def _told(plan: Any) -> Iterator[tuple[str, str]]:
    request = plan.request
    yield _("How to come down"), words.of(words.SHAPE, request.get("shape", "proportional"))
    yield _("From"), _level(plan.levels[0])
    yield _("Goal"), _level(plan.levels[-1])
    yield _("Number of levels"), str(len(plan.levels) - 1)
    yield _("Days on a level"), str(plan.levels[-1].get("days", ""))
    yield _("First day at the goal"), str(plan.finish.get("earliest", ""))
    yield _("Review by"), plan.review_by.isoformat()
    yield _("May do alone"), ", ".join(words.of(words.PERSON_MAY, may) for may in plan.person_may)
    yield _("Ordinary distress score"), str(plan.usual_score)
    yield _("Authorised by"), plan.authorised_by
    yield _("Protocol"), f"{plan.protocol_name} {plan.protocol_version}"


def _level(level: Mapping[str, Any]) -> str:
    parts = [_("%(mg)s mg") % {"mg": f"{level['ceiling_mg']}"}]
    if level.get("times_per_day"):
        parts.append(_("%(n)s times a day") % {"n": level["times_per_day"]})
    if level.get("days_per_week"):
        parts.append(_("%(n)s days a week") % {"n": level["days_per_week"]})
    return ", ".join(parts)
