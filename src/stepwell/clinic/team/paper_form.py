"""A returned sheet as a form: a row for each day, one letter, one number, one note."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from stepwell.clinic.care.returned_sheets import Row, Typed
from stepwell.clinic.team import fields

OLDEST_DAYS = 365
EMPTY, NOT_SURE = "empty", "not_sure"


def _letters() -> dict[str, Any]:
    """What may be typed for a tick, and what it means."""
    return {
        "": EMPTY,
        _("n"): False,
        _("no"): False,
        _("y"): True,
        _("yes"): True,
        "?": NOT_SURE,
        _("not sure"): NOT_SURE,
    }


class Tick(forms.CharField):
    """n, y or ? for one day; cleaned to False, True, NOT_SURE or EMPTY."""

    def clean(self, value: Any) -> Any:
        typed = super().clean(value).strip().lower()
        if typed not in _letters():
            raise ValidationError(
                _("%(day)s: write n for no, y for yes or ? for not sure.") % {"day": self.label}
            )
        return _letters()[typed]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the form with its three fields."""

    row: Row
    used: forms.BoundField
    pain: forms.BoundField
    note: forms.BoundField


class SheetForm(forms.Form):
    """Every day of a sheet up to today. `sheet` makes a second press of the button harmless."""

    sheet = forms.CharField(max_length=40, widget=forms.HiddenInput())

    def __init__(self, *args: Any, rows: Sequence[Row], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        self.fields["sheet"].initial = uuid4().hex
        for row in rows:
            self._add(row)

    def _add(self, row: Row) -> None:
        day = date_format(row.on, "D j M")
        self.fields[f"used_{row.on}"] = Tick(
            label=day, required=False, max_length=10, widget=_cell(_("Used?"), day, "used")
        )
        self.fields[f"pain_{row.on}"] = fields.Whole(
            label=day, low=0, high=10, required=False, widget=_cell(_("Pain 0–10"), day, "pain")
        )
        self.fields[f"pain_{row.on}"].error_messages |= _pain_errors(day)
        self.fields[f"note_{row.on}"] = forms.CharField(
            label=day, required=False, max_length=500, widget=_cell(_("Note"), day, "note")
        )

    def lines(self) -> Iterator[Line]:
        """The rows with their fields, in the order of the sheet."""
        for row in self.rows:
            cells = (self[f"{name}_{row.on}"] for name in ("used", "pain", "note"))
            yield Line(row, *cells)

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        if not self.errors and not self.typed():
            raise ValidationError(_("Nothing was typed yet."))
        return told

    def typed(self) -> list[Typed]:
        """The days of which anything stands on the sheet."""
        return [one for row in self.rows if (one := self._typed(row)) is not None]

    def _typed(self, row: Row) -> Typed | None:
        used, pain, note = (self.cleaned_data[f"{n}_{row.on}"] for n in ("used", "pain", "note"))
        if used == EMPTY and pain is None and not note:
            return None
        return Typed(row.on, None if used in (EMPTY, NOT_SURE) else used, pain, note)


def _cell(column: str, day: str, name: str) -> forms.TextInput:
    attrs = {"aria-label": f"{day}: {column}", "data-column": name}
    mode = {"pain": "numeric"}.get(name, "text")
    return fields.text(f"input cell cell-{name}", inputmode=mode, autocapitalize="off", **attrs)


def _pain_errors(day: str) -> dict[str, Any]:
    said = _("%(day)s: write pain as a whole number from 0 to 10.") % {"day": day}
    return dict.fromkeys(("invalid", "min_value", "max_value"), said)
