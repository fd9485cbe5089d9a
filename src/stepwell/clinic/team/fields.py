"""Inputs that the team's forms share: each refuses with a reason and keeps what was typed."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from stepwell.clinic.care import amounts


def text(css: str = "input", **attrs: Any) -> forms.TextInput:
    """A one-line input of the house style that no browser fills in by itself."""
    return forms.TextInput(attrs={"class": css, "autocomplete": "off", **attrs})


def number() -> forms.TextInput:
    """A whole number as text: a wheel or an arrow key never changes it unseen."""
    return text("input w-4", inputmode="numeric")


def lines(rows: int = 3) -> forms.Textarea:
    """A few lines of text."""
    return forms.Textarea(attrs={"class": "textarea", "rows": rows})


class Form(forms.Form):
    """A form whose missing answers are named, so that the summary on top can be read alone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if field.error_messages["required"] == forms.Field.default_error_messages["required"]:
                missing = _("Still missing: %(label)s.")
                field.error_messages["required"] = missing % {"label": field.label}


class Whole(forms.IntegerField):
    """A whole number between two bounds; anything else is refused in plain words."""

    def __init__(self, *, low: int, high: int, **options: Any) -> None:
        options.setdefault("widget", number())
        super().__init__(min_value=low, max_value=high, **options)
        self.error_messages["invalid"] = _("Write a whole number.")


class Day(forms.DateField):
    """A date with the browser's own picker; `today` is set by the form where it matters."""

    def __init__(self, **options: Any) -> None:
        attrs = {"class": "input w-12", "type": "date"}
        options.setdefault("widget", forms.DateInput(attrs=attrs, format="%Y-%m-%d"))
        super().__init__(**options)
        self.error_messages["invalid"] = _("Write the date as 2026-12-31.")


class Amount(forms.CharField):
    """One exact amount such as `2650 mg` or `2.65 g`; cleaned to whole milligrams or None."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", text("input w-8"))
        super().__init__(max_length=40, **options)

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return None
        low, high = read(typed)
        if low != high:
            raise ValidationError(_("Write one amount here, not a range."))
        return low


class AmountRange(forms.CharField):
    """An amount or a range such as `1.8-2.2 g`; cleaned to its ends in whole milligrams."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", text("input w-12"))
        super().__init__(max_length=40, **options)

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        return read(typed) if typed else None


def read(typed: str) -> tuple[int, int]:
    """Low and high end of what was typed, in milligrams; a ValidationError says why not."""
    try:
        return amounts.parse(typed)
    except amounts.Unclear as error:
        raise ValidationError(sentence(str(error))) from error


def sentence(text: str) -> str:
    """The engine writes clauses; a screen shows sentences."""
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def after(day: date | None, today: date) -> None:
    """Refuse a day that is not in the future."""
    if day is not None and day <= today:
        raise ValidationError(_("Choose a day after today."))
