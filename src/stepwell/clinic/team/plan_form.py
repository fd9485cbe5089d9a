"""The plan editor's form: what was typed becomes a request, the planner's refusals its errors.

Drafting asks for everything; a preview asks for the levers alone, so that a half-written plan can
be looked at.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from stepwell import catalogue
from stepwell.clinic.care.models import Supply
from stepwell.clinic.team import fields, words

SIGNING = (
    "rationale",
    "stop_now_discussed",
    "review_by",
    "person_may",
    "usual_score",
    "usual_items",
)
# The planner names the field of its own request; the form has names of its own.
PATHS = {
    "baseline.amount_mg": "amount",
    "baseline.times_per_day": "times_per_day",
    "baseline.days_per_week": "days_per_week",
    "goal_mg": "goal",
    "smallest_unit_mg": "smallest_unit",
    "jump_off_mg": "jump_off",
    "d50_mg": "d50",
    "levels_mg": "levels",
    "authorised": "authorised_reason",
    "confirmed": "confirmed_reason",
    "authorised.reason": "authorised_reason",
    "confirmed.reason": "confirmed_reason",
}
AMOUNTS = {"goal": "goal_mg", "smallest_unit": "smallest_unit_mg", "jump_off": "jump_off_mg"}
# What a template empties before it fills in its own levers.
CLEARED = dict.fromkeys(("percent", "steps", "end_by", "days_per_level", "levels"), "")
PLAIN = ("goal_times_per_day", "goal_days_per_week", "percent", "steps", "days_per_level")


@cache
def templates() -> Mapping[str, Mapping[str, Any]]:
    """The starting points, by name."""
    found: Mapping[str, Mapping[str, Any]] = catalogue.document("plan_templates.json")["templates"]
    return found


def templates_for(supply: str) -> Mapping[str, Mapping[str, Any]]:
    """The starting points for this supply: only the prescriber's one names prescribed doses."""
    hidden = () if supply == Supply.PRESCRIBED else (Supply.PRESCRIBED,)
    return {name: one for name, one in templates().items() if name not in hidden}


class Levels(forms.CharField):
    """Amounts one on each line, cleaned to whole milligrams; each fault says which line."""

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        amounts, faults = [], []
        for number, line in enumerate(filter(None, map(str.strip, typed.splitlines())), start=1):
            try:
                amounts.append(fields.Amount().clean(line))
            except ValidationError as error:
                faults += [f"{_('Line')} {number}: {text}" for text in error.messages]
        if faults:
            raise ValidationError(faults)
        return amounts


class PlanForm(fields.Form):
    """Everything a plan version is drafted from."""

    amount = fields.Amount(label=_("Amount on a day of use"))
    times_per_day = fields.Whole(label=_("Times on such a day"), low=1, high=200)
    days_per_week = fields.Whole(label=_("Days of use in a week"), low=1, high=7)
    start = fields.Day(
        label=_("If it started on"),
    )
    shape = forms.ChoiceField(
        label=_("How to come down"),
        choices=list(words.SHAPE.items()),
        widget=forms.RadioSelect(),
        error_messages={"required": _("Choose how to come down. Stopping now is one of the ways.")},
    )
    percent = fields.Whole(label=_("Percent each step"), low=1, high=99, required=False)
    steps = fields.Whole(label=_("Number of levels"), low=1, high=400, required=False)
    end_by = fields.Day(label=_("At the goal by"), required=False)
    days_per_level = fields.Whole(label=_("Days on a level"), low=1, high=365, required=False)
    levels = Levels(
        label=_("Levels"),
        required=False,
        widget=fields.lines(5),
        help_text=_("For levels given one by one: one amount on each line, with its unit."),
    )
    d50 = fields.Amount(label=_("Amount of half effect"), required=False)
    goal = fields.Amount(
        label=_("Goal (empty: none)"),
        required=False,
    )
    goal_times_per_day = fields.Whole(label=_("Goal: times a day"), low=1, high=200, required=False)
    goal_days_per_week = fields.Whole(label=_("Goal: days a week"), low=1, high=7, required=False)
    smallest_unit = fields.Amount(label=_("Smallest amount that makes sense"), required=False)
    jump_off = fields.Amount(label=_("Jump-off: from here the goal is next"), required=False)
    authorised_by = forms.ChoiceField(
        label=_("Named clinician"),
        required=False,
        widget=forms.Select(attrs={"class": "select w-20"}),
        help_text=_("It counts only when this clinician signs the version."),
    )
    authorised_reason = forms.CharField(
        label=_("Why it may go beyond a limit"), required=False, widget=fields.lines(2)
    )
    confirmed_reason = forms.CharField(
        label=_("How the amount was confirmed"), required=False, widget=fields.lines(2)
    )
    rationale = forms.CharField(label=_("Why this pace"), widget=fields.lines(3))
    stop_now_discussed = forms.TypedChoiceField(
        label=_("Was stopping now, with support, talked through?"),
        choices=[("yes", _("Yes")), ("no", _("Not yet"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
        widget=forms.RadioSelect(),
        error_messages={"required": _("Say whether stopping now was talked through.")},
    )
    review_by = fields.Day(label=_("Review by"))
    person_may = forms.MultipleChoiceField(
        label=_("What the person may do alone"),
        choices=list(words.PERSON_MAY.items()),
        widget=forms.CheckboxSelectMultiple(),
        required=False,
    )
    usual_score = fields.Whole(
        label=_("Ordinary distress, 0 fine to 10 worst"),
        low=0,
        high=10,
    )

    usual_items = forms.MultipleChoiceField(
        label=_("Usual for them, also when it is high"),
        choices=[(name, words.ITEM[name]) for name in words.CORE_ITEMS],
        widget=forms.CheckboxSelectMultiple(),
        required=False,
        help_text=_("A ticked item may be high and still not stop a step."),
    )

    def __init__(
        self,
        *args: Any,
        supply: str,
        clinicians: Sequence[str],
        drafting: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.supply = supply
        by = self.fields["authorised_by"]
        assert isinstance(by, forms.ChoiceField)
        by.choices = [("", _("Nobody")), *((name, name) for name in clinicians)]
        if supply == Supply.PRESCRIBED:
            self._only_the_prescriber_steps()
        for name in () if drafting else SIGNING:
            self.fields[name].required = False

    def _only_the_prescriber_steps(self) -> None:
        may = self.fields["person_may"]
        assert isinstance(may, forms.MultipleChoiceField)
        may.choices = [("hold", words.PERSON_MAY["hold"])]

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        reasons = [cleaned.get("authorised_reason"), cleaned.get("confirmed_reason")]
        if any(reasons) and not cleaned.get("authorised_by"):
            self.add_error("authorised_by", _("Choose who authorises or confirms it, by name."))
        if cleaned.get("authorised_by") and not any(reasons):
            self.add_error("authorised_reason", _("Write why it may go beyond a limit."))
        return cleaned

    def request(self) -> dict[str, Any]:
        """What the planner is asked; only what was typed, the rest is the protocol's own."""
        cleaned = self.cleaned_data
        asked: dict[str, Any] = {
            "protocol": "ketamine",
            "supply": self.supply,
            "start": cleaned["start"].isoformat(),
            "shape": cleaned["shape"],
            "baseline": {
                "amount_mg": cleaned["amount"],
                "times_per_day": cleaned["times_per_day"],
                "days_per_week": cleaned["days_per_week"],
            },
        }
        typed = {name: cleaned[name] for name in PLAIN}
        typed |= {wire: cleaned[name] for name, wire in AMOUNTS.items()}
        asked |= {name: value for name, value in typed.items() if value is not None}
        return asked | self._of_the_shape() | self._signed()

    def _of_the_shape(self) -> dict[str, Any]:
        cleaned, asked = self.cleaned_data, {}
        if cleaned["end_by"]:
            asked["end_by"] = cleaned["end_by"].isoformat()
        if cleaned["d50"] and cleaned["shape"] == "equal_occupancy":
            asked["d50_mg"] = cleaned["d50"]
        if cleaned["levels"] and cleaned["shape"] == "custom":
            asked["levels_mg"] = cleaned["levels"]
        return asked

    def _signed(self) -> dict[str, Any]:
        by = self.cleaned_data["authorised_by"]
        reasons = {
            name: self.cleaned_data[f"{name}_reason"] for name in ("authorised", "confirmed")
        }
        return {name: {"by": by, "reason": why} for name, why in reasons.items() if why}

    def refuse(self, refusals: Any) -> None:
        """Show each of the planner's reasons at the field it is about."""
        for refusal in refusals:
            name = field_of(refusal["path"])
            # Django forgets the cleaned value of a field with an error; what was typed stays.
            self.add_error(name if name in self.fields else None, fields.sentence(refusal["text"]))


def field_of(path: str) -> str:
    """The form's field for a path of the request: `levels_mg[2]` is on the field of the levels."""
    bare = re.sub(r"\[\d+\]", "", path)
    return PATHS.get(bare, bare)
