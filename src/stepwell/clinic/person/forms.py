"""Forms of the person's screens. They clean what was typed and keep it; nothing else."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, ClassVar
from uuid import uuid4

from django import forms
from django.utils.translation import gettext, gettext_lazy

from stepwell.clinic.accounts.models import Channel, ConsentKind
from stepwell.clinic.care import amounts
from stepwell.clinic.care.models import Answer, Goal, WellHow, WellUse
from stepwell.clinic.person import words

SKIP = ("", gettext_lazy("skip"))


def new_event_id() -> str:
    return f"web-{uuid4()}"


class AmountField(forms.CharField):
    """An amount as somebody types it, cleaned to (low, high) in whole milligrams or None."""

    def __init__(self, **options: Any) -> None:
        attrs = {"class": "input w-12", "autocomplete": "off", "autocapitalize": "off"}
        super().__init__(widget=forms.TextInput(attrs=attrs), max_length=60, **options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return amounts.parse(text)
        except amounts.Unclear as error:
            why = str(error)
            raise forms.ValidationError(why[:1].upper() + why[1:], code="unclear") from error


class ScaleField(forms.ChoiceField):
    """0 to 10, or skipped; cleaned to a whole number or None."""

    def __init__(self, item: words.Item) -> None:
        choices = [(str(n), str(n)) for n in range(11)]
        super().__init__(
            label=item.question,
            help_text=gettext("0: %(best)s. 10: %(worst)s.")
            % {"best": item.at_0, "worst": item.at_10},
            choices=[*choices, SKIP],
            required=False,
            initial="",
            widget=forms.RadioSelect,
        )
        self.item = item

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return int(text) if text else None


class CheckInForm(forms.Form):
    """One day as told. `ceiling_mg` is that day's, or None when no amount may be shown."""

    event_id = forms.CharField(widget=forms.HiddenInput, max_length=80)
    used = forms.ChoiceField(
        label=gettext_lazy("Since you last checked in, did you use?"),
        choices=[
            ("no", gettext_lazy("No")),
            ("yes", gettext_lazy("Yes")),
            ("not_said", gettext_lazy("Rather not say")),
        ],
        required=False,
        widget=forms.RadioSelect,
    )
    about = forms.ChoiceField(
        label=gettext_lazy("How much that day?"),
        required=False,
        widget=forms.RadioSelect,
    )
    amount = AmountField(
        label=gettext_lazy("Or type it"),
        required=False,
        help_text=gettext_lazy("Like 2.65 g, 2650 mg or 2-3 g."),
    )
    times = forms.ChoiceField(
        label=gettext_lazy("How many separate times?"),
        choices=[
            *[(str(n), str(n)) for n in range(1, 10)],
            ("10", gettext_lazy("10 +")),
            ("", gettext_lazy("not sure")),
        ],
        required=False,
        initial="",
        widget=forms.RadioSelect,
    )
    flags = forms.MultipleChoiceField(
        label=gettext_lazy("What is wrong?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    safety = forms.ChoiceField(required=False, widget=forms.RadioSelect)

    def __init__(
        self,
        *args: Any,
        ceiling_mg: int | None = None,
        asks_safety: bool = False,
        day: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if day:
            self.fields["used"].label = gettext("Did you use on %(day)s?") % {"day": day}
        self.ceiling_mg = ceiling_mg
        self.asks_safety = asks_safety
        self.fields["event_id"].initial = new_event_id
        self._set("about", choices=_about_choices(ceiling_mg))
        self._set("flags", choices=[flag for g in words.flag_groups() for flag in g.flags])
        self._set("safety", choices=words.safety_answers())
        self.fields["safety"].label = words.safety_question()
        self.fields["safety"].help_text = words.safety_why()
        if not asks_safety:
            del self.fields["safety"]
        for item in words.items():
            self.fields[item.name] = ScaleField(item)

    def _set(self, name: str, *, choices: Iterable[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices)

    @property
    def core(self) -> list[forms.BoundField]:
        return [self[item.name] for item in words.items() if item.core]

    @property
    def others(self) -> list[forms.BoundField]:
        return [self[item.name] for item in words.items() if not item.core]

    @property
    def flag_groups(self) -> list[dict[str, Any]]:
        """Each group with its own checkboxes, so that the most urgent stand first."""
        told = set(self["flags"].value() or [])
        return [
            {
                "urgency": group.urgency,
                "title": group.title,
                "flags": [(name, question, name in told) for name, question in group.flags],
            }
            for group in words.flag_groups()
        ]

    @property
    def flags_are_told(self) -> bool:
        return bool(self["flags"].value())

    @property
    def others_are_told(self) -> bool:
        return any(field.value() for field in self.others)

    @property
    def tells_danger(self) -> bool:
        """True for an answer that a person must not have to repeat, whatever else is unclear."""
        told = self.cleaned_data
        flags = words.dangers().intersection(told.get("flags", ()))
        return bool(flags) or told.get("safety") in ("thoughts", "plan")

    @property
    def is_over(self) -> bool:
        """True when even the low end is above that day's ceiling."""
        amount = self.answers().get("amount_mg")
        return amount is not None and self.ceiling_mg is not None and amount[0] > self.ceiling_mg

    def answers(self) -> dict[str, Any]:
        """What was told and can be read, as `check_ins.record` takes it; call `is_valid` first."""
        told = self.cleaned_data
        used = {"yes": True, "no": False}.get(told.get("used", ""))
        scores = {i.name: told[i.name] for i in words.items() if told.get(i.name) is not None}
        answers: dict[str, Any] = {"used": used, "answers": scores, "flags": told.get("flags", [])}
        if used:
            answers |= self._amount() | self._times()
        if told.get("safety"):
            answers["safety"] = told["safety"]
        return answers

    def _amount(self) -> dict[str, list[int]]:
        typed = self.cleaned_data.get("amount")
        if typed:
            return {"amount_mg": list(typed)}
        word = words.amount_words().get(self.cleaned_data.get("about", ""))
        if word is None or self.ceiling_mg is None:
            return {}
        return {"amount_mg": list(word.beside(self.ceiling_mg))}

    def _times(self) -> dict[str, int]:
        times = self.cleaned_data.get("times")
        return {"times": int(times)} if times else {}


class WaitedForm(forms.Form):
    """How long a check-in has waited, in seconds, and its day, where one was chosen."""

    waited_s = forms.FloatField(min_value=0, max_value=10 * 365 * 24 * 3600)
    on = forms.DateField()


def _about_choices(ceiling_mg: int | None) -> list[tuple[str, Any]]:
    unsure = ("unsure", gettext("Not sure"))
    if not ceiling_mg:
        return [unsure]
    more = words.amount_words()["more"].beside(ceiling_mg)[1]
    return [
        ("under", gettext("Under %(mg)s mg") % {"mg": ceiling_mg}),
        ("about", gettext("About %(mg)s mg, not more") % {"mg": ceiling_mg}),
        ("more", gettext("More, to %(mg)s mg") % {"mg": more}),
        ("a_lot_more", gettext("More than that")),
        unsure,
    ]


class HoldForm(forms.Form):
    days = forms.TypedChoiceField(
        label=gettext_lazy("For how many days?"),
        choices=[(str(n), str(n)) for n in range(1, 8)],
        initial="3",
        coerce=int,
        widget=forms.RadioSelect,
    )


TEACH_BACK = (
    ("most", gettext_lazy("The amount is the most, never a target. Less is fine. None is fine.")),
    ("mine", gettext_lazy("Nothing moves by itself. I can hold, and I can ask to talk.")),
    ("help", gettext_lazy("If something is wrong I tell Help or my team, and the plan pauses.")),
)


class AgreeForm(forms.Form):
    """Reading the plan back, and choosing its first day."""

    teach_back = forms.MultipleChoiceField(
        label=gettext_lazy("In your words: tick what this plan means"),
        choices=TEACH_BACK,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    start = forms.DateField(
        label=gettext_lazy("Which day is day 1?"),
        help_text=gettext_lazy("A calm day is best. Not payday, a party or an exam."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "input w-12"}),
        error_messages={
            "required": gettext_lazy("Choose the day on which you want to start."),
            "invalid": gettext_lazy("Choose a day like 2026-12-01."),
        },
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["start"].widget.attrs["min"] = today.isoformat()

    def clean_teach_back(self) -> list[str]:
        ticked: list[str] = self.cleaned_data["teach_back"]
        if len(ticked) < len(TEACH_BACK):
            raise forms.ValidationError(
                gettext("Please tick all three. If one is not right for you, talk to your team.")
            )
        return ticked

    def clean_start(self) -> date:
        start: date = self.cleaned_data["start"]
        if start < self.today:
            raise forms.ValidationError(gettext("Day 1 cannot be in the past."))
        return start


class ConsentForm(forms.Form):
    """Six switches. Each says in two lines what it means."""

    WORDS = (
        (
            ConsentKind.STORE,
            gettext_lazy("Keep what I tell here"),
            gettext_lazy("Your service stores your answers. Without this you cannot check in."),
        ),
        (
            ConsentKind.SHARE_KEYWORKER,
            gettext_lazy("My keyworker may see it"),
            gettext_lazy("They read your check-ins in working hours and talk with you."),
        ),
        (
            ConsentKind.SHARE_PRESCRIBER,
            gettext_lazy("My prescriber may see it"),
            gettext_lazy("They approve a plan. No plan can start without one."),
        ),
        (
            ConsentKind.SHARE_GP,
            gettext_lazy("My GP may get a letter"),
            gettext_lazy("Only letters you have seen first."),
        ),
        (
            ConsentKind.SHARE_UROLOGY,
            gettext_lazy("Bladder specialists may get a letter"),
            gettext_lazy("Only letters you have seen first."),
        ),
        (
            ConsentKind.LEARNING,
            gettext_lazy("Numbers without my name may help others"),
            gettext_lazy("Counts over many people. Never your name, never your words."),
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, label, help_text in self.WORDS:
            self.fields[kind.value] = forms.BooleanField(
                label=label, help_text=help_text, required=False
            )

    def changed(self, given: Mapping[str, bool | None]) -> dict[str, bool]:
        """The switches that differ from what was last answered (None: never)."""
        told = {kind.value: bool(self.cleaned_data[kind.value]) for kind, _, _ in self.WORDS}
        return {kind: on for kind, on in told.items() if given.get(kind) is not on}


class GateForm(forms.Form):
    answer = forms.ChoiceField(
        choices=[
            (Answer.NO.value, gettext_lazy("No")),
            (Answer.YES.value, gettext_lazy("Yes")),
            (Answer.NOT_SURE.value, gettext_lazy("Not sure")),
            (Answer.RATHER_NOT_SAY.value, gettext_lazy("Rather not say")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one. “Rather not say” is fine too.")},
    )

    def __init__(self, *args: Any, question: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"].label = question


class PatternForm(forms.Form):
    """Where somebody is starting from, in their own words for amounts."""

    amount = AmountField(
        label=gettext_lazy("On a day you use, about how much in all?"),
        help_text=gettext_lazy("A range is fine. Like 2.5-3 g, 2.65 g or 2650 mg."),
        error_messages={"required": gettext_lazy("Write about how much. A wide range is fine.")},
    )
    is_right = forms.BooleanField(label=gettext_lazy("Yes, this amount is right"), required=False)
    times_per_day = forms.IntegerField(
        label=gettext_lazy("How many separate times on such a day?"),
        min_value=1,
        max_value=99,
        widget=forms.NumberInput(attrs={"class": "input w-4", "inputmode": "numeric"}),
        error_messages={
            "required": gettext_lazy("Write about how many times a day, as a number."),
            "invalid": gettext_lazy("Write a whole number of times, like 6."),
        },
    )
    days_per_week = forms.TypedChoiceField(
        label=gettext_lazy("On how many days a week?"),
        choices=[(str(n), str(n)) for n in range(1, 8)],
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose how many days a week.")},
    )
    smallest = AmountField(
        label=gettext_lazy("What is the smallest amount you can tell apart?"),
        help_text=gettext_lazy("Like 50 mg, or 0.1 g. Skip this if you do not know."),
        required=False,
    )
    unit_words = forms.CharField(
        label=gettext_lazy("Your own words for amounts"),
        help_text=gettext_lazy("Like bump, line or eighth. Nobody will correct you."),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"class": "input w-20", "autocomplete": "off"}),
    )
    routes = forms.MultipleChoiceField(
        label=gettext_lazy("How do you take it?"),
        choices=[
            ("nose", gettext_lazy("Nose")),
            ("mouth", gettext_lazy("Mouth")),
            ("smoked", gettext_lazy("Smoked")),
            ("injected", gettext_lazy("Injected")),
            ("other", gettext_lazy("Another way")),
        ],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, confirm_above_mg: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.confirm_above_mg = confirm_above_mg
        self.asks_again = False

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        amount = told.get("amount")
        if amount and amount[1] > self.confirm_above_mg:
            self.asks_again = True
            if not told.get("is_right"):
                self.add_error(
                    "amount",
                    gettext("This is more than most people tell us. If it is right, tick the box."),
                )
        return told


class MattersForm(forms.Form):
    """Why bother, and where to."""

    MOST = 3
    what_matters = forms.MultipleChoiceField(
        label=gettext_lazy("What matters most to you? Choose up to three."),
        choices=[
            ("sleep", gettext_lazy("Sleep")),
            ("pain", gettext_lazy("Less pain")),
            ("pee", gettext_lazy("Pee and bladder")),
            ("money", gettext_lazy("Money")),
            ("people", gettext_lazy("People close to me")),
            ("work", gettext_lazy("Work or college")),
            ("mood", gettext_lazy("Mood")),
            ("stop", gettext_lazy("Just want it to stop")),
        ],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    goal = forms.ChoiceField(
        label=gettext_lazy("What would you like?"),
        help_text=gettext_lazy("You can change your mind at any time."),
        choices=[
            (Goal.STOP_NOW.value, gettext_lazy("Stop now, with support")),
            (Goal.NONE.value, gettext_lazy("Ease off to none")),
            (Goal.LESS.value, gettext_lazy("Ease off to less")),
            (Goal.NOT_SURE.value, gettext_lazy("Not sure yet")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one. “Not sure yet” is fine.")},
    )
    word = forms.CharField(
        label=gettext_lazy("What should we call it?"),
        help_text=gettext_lazy("We use your word when we have to name it. Empty is fine."),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"class": "input w-12", "autocomplete": "off"}),
    )

    def clean_what_matters(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["what_matters"]
        if len(chosen) > self.MOST:
            raise forms.ValidationError(gettext("Choose three at most."))
        return chosen


class TextsForm(forms.Form):
    """A few free texts, none of which has to be filled in."""

    LONGEST = 400
    WORDS: ClassVar[tuple[tuple[str, Any, Any], ...]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label, help_text in self.WORDS:
            attrs = {"class": "input", "rows": 3, "autocomplete": "off"}
            self.fields[name] = forms.CharField(
                label=label,
                help_text=help_text,
                required=False,
                max_length=self.LONGEST,
                widget=forms.Textarea(attrs=attrs),
            )


class CardForm(TextsForm):
    """What a person types for the card that they show."""

    WORDS = (
        (
            "medicines",
            gettext_lazy("Medicines you take"),
            gettext_lazy("Name and how much, one on each line. “None” helps too."),
        ),
        (
            "allergies",
            gettext_lazy("Allergies"),
            gettext_lazy("Also to medicines. “None that I know of” helps too."),
        ),
        (
            "contact",
            gettext_lazy("Somebody to call"),
            gettext_lazy("A name and a number. Choose somebody who may know."),
        ),
    )


class ReachForm(TextsForm):
    """How the person wants to be reached."""

    WORDS = (
        (
            "first",
            gettext_lazy("The best way"),
            gettext_lazy("A number or an address, and whose it is."),
        ),
        ("second", gettext_lazy("Another way"), gettext_lazy("If the first one does not work.")),
        ("times", gettext_lazy("Good times"), gettext_lazy("When nobody else picks up.")),
        (
            "say",
            gettext_lazy("What we say, and who we are then"),
            gettext_lazy("For example: it is Sam, about Tuesday."),
        ),
        (
            "never",
            gettext_lazy("What we never do"),
            gettext_lazy("For example: leave a message, or write to your home."),
        ),
    )
    LONGEST = 200


class WellPlanForm(TextsForm):
    """Early signs, and what to do on hard days, in one's own words."""

    WORDS = (
        (
            "signs",
            gettext_lazy("My early signs"),
            gettext_lazy("One on each line. Like: I sleep badly. I stop answering texts."),
        ),
        (
            "hard_days",
            gettext_lazy("My plan for hard days"),
            gettext_lazy("Payday, a party, a bad week. Like: I see a friend first."),
        ),
    )


class WellCheckForm(forms.Form):
    """One tap and two: how it goes, use, and whether a call would be welcome."""

    number = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    how = forms.ChoiceField(
        label=gettext_lazy("How is it going?"),
        choices=[
            (WellHow.STEADY.value, gettext_lazy("Steady")),
            (WellHow.WOBBLY.value, gettext_lazy("A bit wobbly")),
            (WellHow.HARD.value, gettext_lazy("Hard")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose how it is going.")},
    )
    used = forms.ChoiceField(
        label=gettext_lazy("Did you use since last time?"),
        choices=[
            (WellUse.NO.value, gettext_lazy("No")),
            (WellUse.YES.value, gettext_lazy("Yes")),
            (WellUse.RATHER_NOT_SAY.value, gettext_lazy("Rather not say")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one. “Rather not say” is fine.")},
    )
    wants_call = forms.TypedChoiceField(
        label=gettext_lazy("Would you like your team to call?"),
        choices=[("no", gettext_lazy("No")), ("yes", gettext_lazy("Yes, please"))],
        coerce=lambda said: said == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose yes or no.")},
    )


class MessageForm(forms.Form):
    """A message to the team; `is_sure` where a number in it was asked about."""

    message_id = forms.CharField(
        widget=forms.HiddenInput, max_length=80, required=False, initial=new_event_id
    )
    is_sure = forms.BooleanField(required=False, widget=forms.HiddenInput)
    text = forms.CharField(
        label=gettext_lazy("Your message"),
        max_length=2000,
        widget=forms.Textarea(attrs={"class": "textarea", "rows": 5}),
        error_messages={"required": gettext_lazy("Write something first.")},
    )


class SentForm(forms.Form):
    """What to send, where, and when: nothing, unless it is asked for."""

    channel = forms.ChoiceField(
        label=gettext_lazy("How"),
        required=False,
        choices=[
            ("", gettext_lazy("Send me nothing")),
            (Channel.SMS.value, gettext_lazy("Text message")),
            (Channel.EMAIL.value, gettext_lazy("E-mail")),
        ],
        widget=forms.RadioSelect,
    )
    address = forms.CharField(
        label=gettext_lazy("Where to"),
        help_text=gettext_lazy("A number with + and the country, or an e-mail address."),
        required=False,
        max_length=254,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    daily_at = forms.TimeField(
        label=gettext_lazy("A note each day at"),
        help_text=gettext_lazy("Empty: none. None comes after you checked in."),
        required=False,
        widget=forms.TimeInput(attrs={"class": "input w-8", "type": "time"}, format="%H:%M"),
    )
    messages = forms.BooleanField(
        label=gettext_lazy("A note when your team writes to you"),
        required=False,
        widget=forms.CheckboxInput,
    )

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        wants = told.get("daily_at") or told.get("messages")
        if wants and not told.get("channel"):
            self.add_error("channel", gettext("Say how it should come."))
        if told.get("channel") and not told.get("address"):
            self.add_error("address", gettext("Say where to."))
        return told


class CodeForm(forms.Form):
    """The code that was sent to an address."""

    code = forms.CharField(
        label=gettext_lazy("The code we sent"),
        max_length=12,
        widget=forms.TextInput(
            attrs={"class": "input w-8", "inputmode": "numeric", "autocomplete": "one-time-code"}
        ),
    )


class JoinForm(forms.Form):
    """The code, and what one wants to sign in with."""

    code = forms.CharField(
        label=gettext_lazy("The code your team gave you"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"class": "input w-12", "autocomplete": "off", "autocapitalize": "none"}
        ),
    )
    username = forms.CharField(
        label=gettext_lazy("A name to sign in with"),
        help_text=gettext_lazy("Not your own name. Empty: the one your team told you."),
        required=False,
        max_length=150,
        widget=forms.TextInput(
            attrs={"class": "input", "autocomplete": "username", "autocapitalize": "none"}
        ),
    )
    password = forms.CharField(
        label=gettext_lazy("Your own password"),
        help_text=gettext_lazy("At least 12 letters or numbers. Three words are good."),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": "new-password"}),
    )


class PasswordForm(forms.Form):
    """The password one has, and the one to have."""

    old = forms.CharField(
        label=gettext_lazy("Your password now"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label=gettext_lazy("The new one"),
        help_text=gettext_lazy("At least 12 letters or numbers. Three words are good."),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": "new-password"}),
    )
