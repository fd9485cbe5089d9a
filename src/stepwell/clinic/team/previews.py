"""What the plan editor shows beside the form: levels, the person's screen, what is different."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from stepwell.clinic import drawing
from stepwell.clinic.care import plans
from stepwell.clinic.care.models import PlanVersion
from stepwell.clinic.team import differences, fields
from stepwell.clinic.team.plan_form import SIGNING, PlanForm, field_of


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why there is no plan yet, with the field it is about."""

    field: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One level of a draft: amounts in whole milligrams, percent below the level before it."""

    level: int
    ceiling_mg: int
    times_per_day: int | None
    days_per_week: int | None
    starts: date | None
    days: int
    percent: int | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What the planner says to the form as it stands; without rows the problems say why."""

    problems: tuple[Problem, ...] = ()
    rows: tuple[Row, ...] = ()
    earliest: date | None = None
    usual: date | None = None
    warnings: Sequence[Mapping[str, str]] = ()
    needs: Sequence[str] = ()
    stairs: drawing.Staircase | None = None
    changed: tuple[tuple[int, str, str], ...] = ()
    last: PlanVersion | None = None
    supply: str = ""

    @property
    def person(self) -> dict[str, Any]:
        """What the person's own template needs to draw day 1 of this plan."""
        first = self.rows[1]
        return {
            "stage": "on_plan",
            "shows_amount": True,
            "supply": self.supply,
            "level": first.level,
            "levels": len(self.rows) - 1,
            "ceiling_mg": first.ceiling_mg,
            "mg": f"{first.ceiling_mg}",
            "times_per_day": first.times_per_day,
            "days_per_week": first.days_per_week,
            "until": self.rows[2].starts if len(self.rows) > 2 else None,
        }


def of(form: PlanForm, *, last: PlanVersion | None) -> Preview:
    """Ask the planner. A form that does not fit yet gives its problems instead."""
    if problems := _problems(form):
        return Preview(problems=problems, last=last)
    answer = plans.preview(form.request())
    if not answer["accepted"]:
        return Preview(problems=_refusals(form, answer["refusals"]), last=last)
    rows = rows_of(answer["levels"])
    return Preview(
        rows=rows,
        earliest=date.fromisoformat(answer["finish"]["earliest"]),
        usual=date.fromisoformat(answer["finish"]["usual"]),
        warnings=answer["warnings"],
        needs=answer["needs"],
        stairs=stairs_of(rows),
        changed=_changed(last, answer["levels"]),
        last=last,
        supply=form.supply,
    )


def _problems(form: PlanForm) -> tuple[Problem, ...]:
    """What keeps the planner from being asked; what is only needed for saving can wait."""
    return tuple(
        Problem(form[name].id_for_label, str(form[name].label), str(text))
        for name, texts in form.errors.items()
        if name in form.fields and name not in SIGNING
        for text in texts
    )


def _refusals(form: PlanForm, refusals: Sequence[Mapping[str, str]]) -> tuple[Problem, ...]:
    found = []
    for refusal in refusals:
        name = field_of(refusal["path"])
        known = name in form.fields
        label = str(form[name].label) if known else _("The plan as a whole")
        anchor = form[name].id_for_label if known else ""
        found.append(Problem(anchor, label, fields.sentence(refusal["text"])))
    return tuple(found)


def rows_of(levels: Sequence[Mapping[str, Any]]) -> tuple[Row, ...]:
    """The planner's levels as rows of a table."""
    return tuple(
        Row(
            level=level["level"],
            ceiling_mg=level["ceiling_mg"],
            times_per_day=level["times_per_day"],
            days_per_week=level["days_per_week"],
            starts=date.fromisoformat(level["from"]) if level["from"] else None,
            days=level["days"],
            percent=_percent(levels[number - 1]["ceiling_mg"], level["ceiling_mg"])
            if number
            else None,
        )
        for number, level in enumerate(levels)
    )


def _percent(before_mg: int, now_mg: int) -> int:
    """How much lower, in whole percent, rounded up so that it never looks smaller than it is."""
    return -((now_mg - before_mg) * 100 // before_mg) if before_mg else 0


def stairs_of(rows: Sequence[Row]) -> drawing.Staircase | None:
    """The levels as stairs."""
    return drawing.staircase(
        [
            drawing.Rung(row.level, row.ceiling_mg, row.days_per_week or 7, row.starts)
            for row in rows
        ]
    )


def _changed(last: PlanVersion | None, levels: Any) -> tuple[tuple[int, str, str], ...]:
    if last is None:
        return ()
    rows = differences.levels(last.levels, levels)
    return tuple(row for row in rows if row[1] != row[2])
