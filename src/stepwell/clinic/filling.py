"""The form of one questionnaire, for whoever fills it in: the person, or their team from paper."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext, gettext_lazy

from stepwell.clinic.care.instruments import Instrument, Item

SKIP = ("", gettext_lazy("skip"))


class InstrumentForm(forms.Form):
    """One questionnaire as the data has it. Everything may be skipped, unless it needs all."""

    event_id = forms.CharField(widget=forms.HiddenInput, max_length=80)

    def __init__(self, instrument: Instrument, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instrument = instrument
        self.fields["event_id"].initial = _new_id
        for item in instrument.items:
            self.fields[item.name] = _field(item, needed=instrument.needs_all)

    @property
    def asked(self) -> list[forms.BoundField]:
        return [self[item.name] for item in self.instrument.items]

    def answers(self) -> dict[str, str | None]:
        """What could be read, also while something else is still missing."""
        items = self.instrument.items
        return {item.name: self.cleaned_data.get(item.name) or None for item in items}

    @property
    def tells_danger(self) -> bool:
        return bool(self.is_bound and self.instrument.flags(self.answers()))


def _field(item: Item, *, needed: bool) -> forms.ChoiceField:
    options = [(option.value, gettext(option.label)) for option in item.options]
    return forms.ChoiceField(
        label=gettext(item.text),
        choices=options if needed else [*options, SKIP],
        required=needed,
        initial="",
        widget=forms.RadioSelect,
        error_messages={"required": gettext("Choose one. “I would rather not say” is fine.")},
    )


def _new_id() -> str:
    return f"form-{uuid4()}"
