"""The plan sheet: four pocket panels on one A4 page, or large print on as many as it needs."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext

from stepwell import catalogue
from stepwell.clinic.accounts import acceptance
from stepwell.clinic.care import words
from stepwell.clinic.care.sheets import Sheet
from stepwell.clinic.papers import typesetting

# What stands in place of an amount, by where the person is on the way.
WITHOUT_AMOUNT = {
    "no_plan": "no_plan",
    "to_agree": "to_agree",
    "starts_later": "starts_later",
    "paused": "paused",
    "on_plan": "not_current",
    "on_review": "not_current",
    "closed": "closed",
}


@dataclass(frozen=True, slots=True)
class _Say:
    """One line of data/paper by name, filled in, as the discreet sheet or the other says it."""

    discreet: bool

    def __call__(self, name: str, **filled: object) -> str:
        line = _read()["lines"][name]
        text = line.get("discreet", line["text"]) if self.discreet else line["text"]
        return gettext(text).format_map(filled)


@cache
def _read() -> Any:
    return catalogue.document("paper", "en.json")


def pdf(sheet: Sheet, *, discreet: bool, large: bool, at: datetime) -> bytes:
    """The sheet as a tagged PDF; `discreet` has initials and no word that outs the person."""
    return typesetting.pdf("sheet.typ", values(sheet, discreet=discreet, large=large), at=at)


def values(sheet: Sheet, *, discreet: bool, large: bool) -> dict[str, Any]:
    """Everything that stands on the sheet, in the language in use."""
    say = _Say(discreet)
    return {
        "lang": (get_language() or "en").split("-")[0],
        "title": gettext("Steps"),
        "large": large,
        "name": initials(sheet.name) if discreet else first_name(sheet.name),
        "step": _step(sheet, say),
        "facts": _facts(sheet),
        "rules": _rules(sheet, say),
        "go_now": _go_now(sheet, say),
        "emergencies": _emergencies(say),
        "call": _call(sheet, discreet=discreet),
        "notes": [say("crews"), say("not_watched")],
        "ticking": [say("tick"), say("pain"), say("hand_in", days=sheet.back_days)],
        "heads": _heads(),
        "days": [date_format(day, "D j M") for day in sheet.days],
        "small_print": _small_print(sheet, say, large=large),
        "headings": _headings(),
    }


def _heads() -> list[str]:
    yes_or_no = [gettext("No"), gettext("Yes"), gettext("Not sure")]
    return [gettext("Day"), *yes_or_no, gettext("Pain 0–10"), gettext("Note")]


def _headings() -> dict[str, str]:
    return {
        "rules": gettext("How it works"),
        "go_now": gettext("Urgent"),
        "call": gettext("Who to call"),
        "first": gettext("Weeks 1 and 2"),
        "second": gettext("Weeks 3 and 4"),
    }


def first_name(name: str) -> str:
    """The first part of a name."""
    return name.split()[0] if name.split() else name


def initials(name: str) -> str:
    """The first letter of each part of a name."""
    return " ".join(f"{part[0]}." for part in name.split())


# --- the step ---------------------------------------------------------------------------------


def _step(sheet: Sheet, say: _Say) -> list[str]:
    """The step in one sentence first; then what bounds it. No amount without a plan."""
    today = sheet.today
    if sheet.plan is None or today.ceiling_mg is None:
        return [say(WITHOUT_AMOUNT[today.stage], day=_day(today.start)), *_frozen(sheet, say)]
    aim = [_aim(sheet, today.ceiling_mg, say)]
    if today.ceiling_mg == 0:
        return aim
    rule = say("dose_rule") if today.supply == "prescribed" else say("less")
    broken = say("after_a_break", days=sheet.free_days)
    return [*aim, rule, *_limits(sheet, say), broken]


def _frozen(sheet: Sheet, say: _Say) -> list[str]:
    """What stands in place of an amount while the plan is frozen; the numbers stand elsewhere."""
    if sheet.today.stage != "paused" or sheet.today.offer != "freeze":
        return []
    frozen = catalogue.document("wording", "en.json")["frozen"]
    usual = _without_numbers(frozen["usual"])
    lines = _without_numbers(frozen["with_alcohol_benzodiazepines_or_ghb"])
    if not sheet.today.also_depends:
        return usual
    # The line that is there for them alone names what they depend on.
    unnamed = say("do_not_stop_suddenly")
    return [unnamed if say.discreet and line not in usual else line for line in lines]


def _without_numbers(frozen: Any) -> list[str]:
    return [gettext(line) for line in frozen["lines"] if "{" not in line]


def _aim(sheet: Sheet, mg: int, say: _Say) -> str:
    if sheet.today.supply == "prescribed":
        return say("dose", mg=mg)
    return say("aim", mg=mg) if mg else say("aim_none")


def _limits(sheet: Sheet, say: _Say) -> list[str]:
    times, days = sheet.today.times_per_day, sheet.today.days_per_week
    said = [say("times_one" if times == 1 else "times_many", n=times)] if times else []
    if days and days < 7:
        said.append(say("days_one" if days == 1 else "days_many", n=days))
    return said


def _facts(sheet: Sheet) -> list[list[str]]:
    """Version, day, approver and check code, as names and values."""
    printed = [gettext("Printed"), _day(sheet.today.today)]
    plan = sheet.plan
    if plan is None:
        return [printed]
    approved = f"{plan.approved_by.name}, {_day(plan.approved_on)}" if plan.approved_by else ""
    return [
        [gettext("Version"), str(plan.version)],
        [gettext("Approved by"), approved],
        printed,
        [gettext("Check code"), sheet.code or ""],
    ]


def _rules(sheet: Sheet, say: _Say) -> list[str]:
    plan = sheet.plan
    if plan is None:
        return [say("ask_to_talk")]
    lines = [say("prescriber_changes")] if plan.supply == "prescribed" else []
    lines += [say("hold")] if "hold" in plan.person_may else []
    lines += [say("step_back" if "step_back" in plan.person_may else "step_back_team")]
    lines += [say("ask"), say("no_catching_up")]
    if sheet.today.until:
        lines.append(say("next_step", day=_day(sheet.today.until)))
    return [*lines, say("counts_until", day=_day(sheet.counts_until)), say("code", code=sheet.code)]


def _day(day: date | None) -> str:
    return date_format(day, "j F Y") if day else ""


# --- help -------------------------------------------------------------------------------------


def _go_now(sheet: Sheet, say: _Say) -> str:
    if sheet.emergency_number is None:
        return say("go_now_without_a_number")
    return say("go_now", number=sheet.emergency_number)


def _emergencies(say: _Say) -> list[str]:
    """The danger signs of the check-in; the discreet sheet names no drug among them."""
    flags = catalogue.document("instruments", "check_in.json")["flags"]["emergency"]
    unnamed = _read()["discreet_flags"] if say.discreet else {}
    return [
        gettext(unnamed[flag]["text"] if flag in unnamed else words.flag(flag).person)
        for flag in flags
    ]


def _call(sheet: Sheet, *, discreet: bool) -> list[str]:
    """Whom to call and when. The name of a service can out, so the discreet sheet has none."""
    service, keyworker = sheet.service, sheet.today.keyworker
    named = keyworker if discreet and keyworker else gettext("Your team")
    if not discreet:
        named = f"{keyworker}, {service.name}" if keyworker else service.name
    return [line for line in (named, service.phone, service.hours) if line]


def _small_print(sheet: Sheet, say: _Say, *, large: bool) -> list[str]:
    lines = [] if large else [say("fold")]
    if not acceptance.approved_for_clinical_use(sheet.service):
        lines.append(gettext("Not approved for clinical use."))
    return [*lines, say("awaiting_review")]
