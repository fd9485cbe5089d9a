"""The team's forms: they clean what was typed and decide nothing."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from stepwell.clinic.accounts.models import Channel, ConsentKind, Role, User
from stepwell.clinic.care.models import (
    Answer,
    ContactHow,
    ContactOutcome,
    Goal,
    Lane,
    Supply,
    VisitChange,
    VisitHow,
)
from stepwell.clinic.team import fields, words


def new_event_id() -> str:
    return f"desk-{uuid4()}"


def radios() -> forms.RadioSelect:
    return forms.RadioSelect()


def select() -> forms.Select:
    return forms.Select(attrs={"class": "select w-20"})


class ContactForm(fields.Form):
    """That somebody reached out, and how."""

    how = forms.ChoiceField(
        label=_("How"), choices=words.choices(ContactHow, words.CONTACT), widget=radios()
    )
    outcome = forms.ChoiceField(
        label=_("Did you reach them?"),
        choices=words.choices(ContactOutcome, words.CONTACT_OUTCOME),
        initial=ContactOutcome.REACHED,
        widget=radios(),
    )
    note = forms.CharField(
        label=_("What was said or agreed"),
        required=False,
        widget=fields.lines(2),
        help_text=_("The person can read this."),
    )


class WayForm(fields.Form):
    """One of one's own addresses: kept, confirmed with its code, tried out or taken back."""

    channel = forms.ChoiceField(
        choices=[(one.value, one.value) for one in Channel], widget=forms.HiddenInput
    )
    do = forms.ChoiceField(
        choices=[(one, one) for one in ("keep", "confirm", "remove", "test")],
        widget=forms.HiddenInput,
    )
    address = forms.CharField(
        label=_("Address or number"), required=False, max_length=254, widget=fields.text()
    )
    any_hour = forms.ChoiceField(
        label=_("When"),
        required=False,
        choices=[("", _("In the hours of the team")), ("any", _("At any hour"))],
        widget=radios(),
    )
    code = forms.CharField(
        label=_("The code we sent"),
        required=False,
        max_length=12,
        widget=fields.text("input w-8", inputmode="numeric"),
    )


class ReachForm(fields.Form):
    """How they want to be reached, as they said it."""

    first = forms.CharField(
        label=_("The first way"),
        required=False,
        max_length=200,
        widget=fields.text(),
        help_text=_("A number or an address, and whose it is."),
    )
    second = forms.CharField(
        label=_("The second way"), required=False, max_length=200, widget=fields.text()
    )
    times = forms.CharField(
        label=_("Safe times"), required=False, max_length=200, widget=fields.text()
    )
    say = forms.CharField(
        label=_("What to say, and who you are then"),
        required=False,
        max_length=200,
        widget=fields.text(),
    )
    never = forms.CharField(
        label=_("What never to do"), required=False, max_length=200, widget=fields.text()
    )


class MessageForm(fields.Form):
    """An answer to the person, in plain words."""

    message_id = forms.CharField(widget=forms.HiddenInput, max_length=80)
    text = forms.CharField(
        label=_("Your answer"),
        max_length=2000,
        widget=fields.lines(4),
        help_text=_("They read it on their own phone. No drug word in the first line."),
    )


def _moment(**options: Any) -> forms.DateTimeField:
    attrs = {"class": "input w-20", "type": "datetime-local"}
    widget = forms.DateTimeInput(attrs=attrs, format="%Y-%m-%dT%H:%M")
    field = forms.DateTimeField(widget=widget, input_formats=["%Y-%m-%dT%H:%M"], **options)
    field.error_messages["invalid"] = _("Write it as 2026-12-31T14:30.")
    return field


class VisitForm(fields.Form):
    """An appointment: when by the clock where the person lives, how, and what for."""

    starts = _moment(label=_("When"))
    how = forms.ChoiceField(
        label=_("How"), choices=words.choices(VisitHow, words.VISIT_HOW), widget=radios()
    )
    why = forms.CharField(
        label=_("What for, in plain words"),
        max_length=200,
        widget=fields.text(),
        help_text=_("They read this on their own phone."),
    )
    place = forms.CharField(
        label=_("Where, and the nearest toilet"),
        max_length=200,
        required=False,
        widget=fields.text(),
    )
    bring = forms.CharField(
        label=_("What to bring"), max_length=200, required=False, widget=fields.text()
    )


class VisitOutcomeForm(fields.Form):
    """Another time, or what became of it."""

    change = forms.ChoiceField(label=_("What became of it"), required=False, widget=radios())
    starts = _moment(label=_("Or another time"), required=False)

    def __init__(self, *args: Any, kinds: Sequence[VisitChange], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["change"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(kind, words.of(words.VISIT, kind)) for kind in kinds]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not told.get("change") and not told.get("starts"):
            raise ValidationError(_("Choose what became of it, or another time."))
        return told


class SnoozeForm(fields.Form):
    """Putting a card off: until when, and why."""

    lane = forms.ChoiceField(
        choices=words.choices(Lane, words.LANE), widget=forms.HiddenInput(), required=True
    )
    until = fields.Day(label=_("Until"))
    reason = forms.CharField(label=_("Why it can wait"), widget=fields.text())

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        fields.after(until, self.today)
        return until


class OutcomeForm(fields.Form):
    """How a signal ended."""

    outcome = forms.CharField(label=_("What was done, and how it ended"), widget=fields.lines(2))


class ActForm(fields.Form):
    """One act on a plan. The same `event_id` twice is one act, however often it was pressed."""

    kind = forms.CharField(widget=forms.HiddenInput())
    event_id = forms.CharField(widget=forms.HiddenInput(), max_length=80)
    days = fields.Whole(label=_("For how many days"), low=0, high=365, required=False)
    level = fields.Whole(label=_("Level"), low=0, high=999, required=False)
    organ = forms.ChoiceField(
        label=_("Finding"), choices=list(words.ORGAN.items()), widget=radios(), required=False
    )
    worse = forms.TypedChoiceField(
        label=_("Compared with before"),
        choices=[("yes", _("Worse")), ("no", _("Not worse"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
        widget=radios(),
        required=False,
    )
    reason = forms.CharField(label=_("Why"), widget=fields.lines(2), required=False)

    NEEDS = {
        "hold": ("days", "reason"),
        "freeze": ("reason",),
        "resume": ("reason",),
        "reviewed": ("reason",),
        "set_level": ("level", "reason"),
        "step_back": ("reason",),
        "finding": ("organ", "worse", "reason"),
        "close": ("reason",),
        "talk": (),
    }

    @classmethod
    def empty(cls, kind: str) -> "ActForm":
        """A fresh form for one kind of act, with an id of its own."""
        return cls(initial={"kind": kind, "event_id": uuid4().hex}, auto_id=f"{kind}_%s")

    @property
    def asked(self) -> list[forms.BoundField]:
        """The fields this kind of act needs."""
        return [self[name] for name in self.NEEDS.get(str(self["kind"].value()), ())]

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        kind = cleaned.get("kind")
        if kind not in self.NEEDS:
            raise ValidationError(_("There is no such act."))
        for name in self.NEEDS[kind]:
            if name not in self.errors and cleaned.get(name) in (None, ""):
                self.add_error(name, words.MISSING[name])
        return cleaned


class GateAnswersForm(fields.Form):
    """All safety questions at once, as they are asked across a table."""

    def __init__(self, *args: Any, gates: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for gate in gates:
            self.fields[gate.name] = forms.ChoiceField(
                label=gate.question,
                choices=words.choices(Answer, words.ANSWER),
                widget=radios(),
                initial=gate.answer,
                required=False,
            )

    def changed(self) -> list[tuple[str, str]]:
        """Gate and answer where something new was answered."""
        return [
            (name, self.cleaned_data[name])
            for name in self.changed_data
            if self.cleaned_data.get(name)
        ]


class ClearanceForm(fields.Form):
    """Why an answered gate does not stand in the way."""

    reason = forms.CharField(
        label=_("What was reviewed, and why the plan can go on"), widget=fields.lines(3)
    )


class BaselineForm(fields.Form):
    """The agreed picture of use before day 1."""

    amount = fields.AmountRange(
        label=_("Amount on a day of use"),
        help_text=_("One amount or a range, with its unit: 2.65 g or 2200-2800 mg."),
    )
    times_per_day = fields.Whole(label=_("Times on such a day"), low=1, high=200)
    days_per_week = fields.Whole(label=_("Days of use in a week"), low=1, high=7)
    routes = forms.MultipleChoiceField(
        label=_("How it is taken"),
        choices=list(words.ROUTE.items()),
        widget=forms.CheckboxSelectMultiple(),
        required=False,
    )
    unit_words = forms.CharField(
        label=_("Their own words for amounts"),
        required=False,
        max_length=120,
        widget=fields.text("input w-20"),
        help_text=_("For example: a bump, a line, an eighth."),
    )
    smallest_unit = fields.Amount(
        label=_("Smallest amount that makes sense for them"),
        help_text=_("A difference they can see or measure: 50 mg, a lozenge, half a bump in mg."),
    )


class OpenForm(fields.Form):
    """A new course of care for a new person."""

    display_name = forms.CharField(
        label=_("Name to use here"),
        max_length=150,
        widget=fields.text("input w-20"),
        help_text=_("A first name or a nickname is enough."),
    )
    username = forms.CharField(
        label=_("Sign-in name"),
        max_length=150,
        widget=fields.text("input w-20", autocapitalize="none", spellcheck="false"),
        help_text=_("Neutral, in case somebody sees it: no name of a drug or a service."),
    )
    time_zone = forms.CharField(
        label=_("Time zone"),
        max_length=60,
        widget=fields.text("input w-20", list="time-zones"),
        help_text=_("Their home zone. It stays the same when they travel."),
    )
    supply = forms.ChoiceField(
        label=_("Where it comes from"),
        choices=words.choices(Supply, words.SUPPLY),
        widget=radios(),
    )
    word = forms.CharField(
        label=_("Their word for it"),
        required=False,
        max_length=40,
        widget=fields.text("input w-12"),
    )
    goal = forms.ChoiceField(
        label=_("What they want"), choices=words.choices(Goal, words.GOAL), widget=radios()
    )
    what_matters = forms.CharField(
        label=_("What matters to them, in their words"),
        required=False,
        widget=fields.lines(3),
        help_text=_("One thing on each line."),
    )
    keyworker = forms.ChoiceField(label=_("Key worker"), widget=select())
    consents = forms.MultipleChoiceField(
        label=_("What they agreed to today"),
        choices=words.choices(ConsentKind, words.CONSENT),
        widget=forms.CheckboxSelectMultiple(),
        required=False,
        help_text=_("Ask each one. They can change every one of them at any time."),
    )

    def __init__(
        self, *args: Any, keyworkers: Iterable[User], names: Iterable[str] | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if names is not None:
            self._only_made_up(names)
        choice = self.fields["keyworker"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(str(one.pk), one.display_name) for one in keyworkers]

    def _only_made_up(self, names: Iterable[str]) -> None:
        """Where one practises, a name is chosen, and it is the sign-in name too."""
        label, choices = self.fields["display_name"].label, [(one, one) for one in names]
        self.fields["display_name"] = forms.ChoiceField(
            label=label, choices=choices, widget=select()
        )
        del self.fields["username"]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if "username" not in self.fields:
            typed["username"] = str(typed.get("display_name", "")).lower()
        return typed

    def clean_what_matters(self) -> list[str]:
        return [
            line.strip() for line in self.cleaned_data["what_matters"].splitlines() if line.strip()
        ]

    def clean_consents(self) -> list[str]:
        given: list[str] = self.cleaned_data["consents"]
        if ConsentKind.STORE not in given:
            raise ValidationError(_("Without their consent to keep a record, none can be opened."))
        return given


class SignForm(fields.Form):
    """Signing with one's own password, for exactly the version that was read."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput())
    password = forms.CharField(
        label=_("Your password"),
        widget=forms.PasswordInput(
            attrs={"class": "input w-20", "autocomplete": "current-password"}
        ),
        help_text=_("Signing is an act of yours alone, so it asks for it again."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        typed: str = self.cleaned_data["password"]
        if not self.user.check_password(typed):
            raise ValidationError(_("That is not your password. Nothing was signed."))
        return typed


class DecisionForm(fields.Form):
    """What was decided on one recommendation, and why."""

    kind = forms.ChoiceField(
        label=_("Your decision"),
        choices=list(words.DECISION.items()),
        widget=radios(),
        error_messages={"required": _("Choose what you decide.")},
    )
    amendment = forms.ChoiceField(
        label=_("What instead"), choices=[("", "")], required=False, widget=select()
    )
    level = forms.TypedChoiceField(
        label=_("Level"), coerce=int, empty_value=None, required=False, widget=select()
    )
    days = fields.Whole(label=_("For how many days"), low=1, high=365, required=False)
    reason = forms.CharField(
        label=_("Why"), widget=fields.lines(3), help_text=_("The person can read this.")
    )

    def __init__(
        self,
        *args: Any,
        amendments: Sequence[str],
        levels: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        named = [(kind, words.act(kind)) for kind in amendments]
        self._choose("amendment", [("", _("Choose one")), *named])
        self._choose("level", [("", _("Choose one")), *levels])

    def _choose(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices)

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if cleaned.get("kind") != "amend":
            return cleaned
        self._must_say("amendment", bool(cleaned.get("amendment")))
        if cleaned.get("amendment") == "set_level":
            self._must_say("level", cleaned.get("level") is not None)
        if cleaned.get("amendment") == "hold":
            self._must_say("days", cleaned.get("days") is not None)
        return cleaned

    def _must_say(self, name: str, said: bool) -> None:
        if not said and name not in self.errors:
            self.add_error(name, words.MISSING[name])


class AcceptanceForm(fields.Form):
    """The safety officer's acceptance of one protocol version, in words of their own."""

    protocol = forms.CharField(widget=forms.HiddenInput())
    sha256 = forms.CharField(widget=forms.HiddenInput())
    statement = forms.CharField(
        label=_("What you checked, and why you accept it"), widget=fields.lines(4)
    )
    name = forms.CharField(
        label=_("Your name, as you sign"),
        widget=fields.text("input w-20"),
        help_text=_("Typed in full, exactly as the service knows you."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_name(self) -> str:
        typed = str(self.cleaned_data["name"]).strip()
        if typed != self.user.display_name:
            raise ValidationError(
                _("Write your name exactly as the service knows you: %(name)s.")
                % {"name": self.user.display_name}
            )
        return typed


class AccountForm(fields.Form):
    """A new account of the service."""

    display_name = forms.CharField(
        label=_("Name"), max_length=150, widget=fields.text("input w-20")
    )
    username = forms.CharField(
        label=_("Sign-in name"),
        max_length=150,
        widget=fields.text("input w-20", autocapitalize="none", spellcheck="false"),
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=[(role.value, words.ROLE[role]) for role in Role if role is not Role.PERSON],
        widget=radios(),
    )
    is_named_clinician = forms.BooleanField(
        label=_("A nurse whom the service has named as a clinician"),
        required=False,
    )
    is_safety_officer = forms.BooleanField(
        label=_("The clinical safety officer"),
        required=False,
    )


class RoleForm(fields.Form):
    """Another role for somebody who is already there."""

    role = forms.ChoiceField(
        label=_("Role"),
        choices=[(role.value, words.ROLE[role]) for role in Role if role is not Role.PERSON],
        widget=forms.Select(attrs={"class": "select w-12"}),
    )
