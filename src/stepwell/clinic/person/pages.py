"""From what care knows to what a page shows: words and shapes, no decisions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from stepwell.clinic import drawing
from stepwell.clinic.accounts.models import Role
from stepwell.clinic.care import queries, showing
from stepwell.clinic.care import words as care_words
from stepwell.clinic.care.episodes import GateState
from stepwell.clinic.care.models import Baseline
from stepwell.clinic.person import forms, words

FEW_DAYS = 5  # fewer than this is no picture yet
VERY_HARD = 8
WEEK = 7
PROGRAM = "program"


@dataclass(frozen=True, slots=True)
class Box:
    """One day in a strip, with the word a screen reader says."""

    on: date
    status: str
    word: str
    today: bool = False
    flags: bool = False
    href: str = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """One part of getting started."""

    name: str
    href: str
    done: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of history, in the person's words."""

    at: Any
    on: date
    what: str
    who: str
    why: str
    by_clinician: bool


@dataclass(frozen=True, slots=True)
class Looked:
    """One line of the trail."""

    at: Any
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who can open the person's page."""

    name: str
    role: str
    looked_at: Any


@dataclass(frozen=True, slots=True)
class Picture:
    """The 28 days as boxes, and the words that come before them."""

    boxes: list[Box]
    lines: list[str]
    too_few: int


# --- days -------------------------------------------------------------------------------------


def _word(status: str) -> str:
    return {
        "none": gettext("no use"),
        "used": gettext("used"),
        "unsure": gettext("used, not sure how much"),
        "missing": gettext("not told"),
        "future": gettext("to come"),
    }[status]


def _box(day: queries.Day, today: date) -> Box:
    return Box(
        on=day.on,
        status=day.status,
        word=_word(day.status),
        today=day.on == today,
        flags=bool(day.flags),
    )


def last_week(page: queries.PersonProgress) -> list[Box]:
    """The last seven days, today the last."""
    return [_box(day, page.today) for day in page.days[-WEEK:]]


def a_week(statuses: Sequence[str], today: date) -> list[Box]:
    """Days of nobody's with these statuses, today the last."""
    first = today - timedelta(days=len(statuses) - 1)
    days = [(first + timedelta(days=number), status) for number, status in enumerate(statuses)]
    return [Box(on, status, _word(status), today=on == today) for on, status in days]


def days_to_tell(page: queries.PersonProgress, *, today: date, on: date, back: int) -> list[Box]:
    """Today and the days one may still tell about, newest first, each a link to its own form."""
    known = {day.on: day.status for day in page.days}
    days = [today - timedelta(days=n) for n in range(back + 1)]
    return [_to_tell(day, known.get(day, "missing"), today=today, on=on) for day in days]


def _to_tell(day: date, status: str, *, today: date, on: date) -> Box:
    return Box(
        on=day,
        status=status,
        word=_word(status),
        today=day == today,
        href=f"{reverse('person:check-in')}?on={day.isoformat()}",
        chosen=day == on,
    )


def ceiling_on(on: date, page: queries.PersonToday, progress: queries.PersonProgress) -> int | None:
    """The ceiling that was in force on a day, or None where no amount may be shown."""
    if page.ceiling_mg is None:
        return None
    if on == page.today:
        return page.ceiling_mg
    return next((day.ceiling_mg for day in progress.days if day.on == on), None)


# --- after a check-in -------------------------------------------------------------------------


def saved_line(page: queries.PersonToday, told: dict[str, Any]) -> str:
    """One true, specific line. It never scores."""
    if page.first_check_in:
        return gettext("Saved. That was your first check-in. Thank you.")
    if told["answers"].get("body", 0) >= VERY_HARD:
        return gettext("Saved. Your body felt very bad. Your team can help: it is under Talk.")
    if told["used"] is False:
        return _days_off(page.days_off_this_week)
    if told["used"]:
        return gettext("Saved. Thanks for telling us. It counts as a day we know about.")
    return gettext("Saved. You shared what you wanted to. That is enough.")


def _days_off(days: int) -> str:
    if days < 1:
        return gettext("Saved. A day without, told.")
    return ngettext(
        "Saved. One day off in the last seven.", "Saved. %(n)d days off in the last seven.", days
    ) % {"n": days}


# --- stairs -----------------------------------------------------------------------------------


def stairs_of(view: queries.PlanView) -> drawing.Staircase | None:
    """A whole plan, nowhere yet."""
    return drawing.staircase([_rung(rung) for rung in view.rungs if rung.ceiling_mg is not None])


def stairs_now(page: queries.PersonPlan) -> drawing.Staircase | None:
    """What lies behind, today, and what lies ahead; None while no amount may be shown."""
    if page.plan is None or page.ceiling_mg is None or page.level is None:
        return None
    behind = [rung for rung in page.plan.rungs if rung.level < page.level]
    ahead = [rung for rung in page.rungs if rung.ceiling_mg is not None]
    rungs = [_rung(rung) for rung in (*behind, *ahead) if rung.ceiling_mg is not None]
    return drawing.staircase(rungs, here=len(behind)) if ahead else drawing.staircase(rungs)


def _rung(rung: Any) -> drawing.Rung:
    return drawing.Rung(
        level=rung.level,
        ceiling_mg=rung.ceiling_mg,
        days_per_week=rung.days_per_week or WEEK,
        starts=rung.starts,
        between=rung.between,
    )


def rungs_of(view: queries.PlanView) -> list[Any]:
    """The levels of a whole plan, the baseline first."""
    return [rung for rung in view.rungs if rung.ceiling_mg is not None]


def next_rung(page: queries.PersonPlan) -> Any:
    """The level that a step would lead to, or None."""
    return page.rungs[1] if len(page.rungs) > 1 else None


def ends(stairs: drawing.Staircase | None) -> tuple[str, str]:
    """What stands under the two ends of the stairs: an amount and, where known, a day."""
    return ("", "") if stairs is None else (_end(stairs.first.rung), _end(stairs.last.rung))


def _end(rung: drawing.Rung) -> str:
    mg = gettext("%(mg)s mg") % {"mg": rung.ceiling_mg}
    return f"{mg}, {date_format(rung.starts, 'j M')}" if rung.starts else mg


# --- history ----------------------------------------------------------------------------------


def history(page: queries.PersonPlan) -> list[Line]:
    """Newest first: what happened, who decided, and why."""
    return [_line(act) for act in page.history]


def _line(act: queries.Act) -> Line:
    return Line(
        at=act.at,
        on=act.on,
        what=_what(act),
        who=gettext("You") if act.by_person else _who(act.by),
        why=act.reason,
        by_clinician=not act.by_person,
    )


def last_line(page: queries.PersonToday) -> Line | None:
    """The last change, and who decided it."""
    return _line(page.last_act) if page.last_act else None


def trail(page: queries.PersonMe) -> list[Looked]:
    """Who looked and who did what, newest first."""
    return [_looked(line) for line in page.trail]


def looked(page: queries.PersonMe) -> list[Looked]:
    """The same without what the person and the program did."""
    own = (Role.PERSON, PROGRAM)
    return [_looked(line) for line in page.trail if line.by.role not in own]


def _acts() -> dict[str, str]:
    return {
        "step": gettext("One step down"),
        "hold": gettext("Hold"),
        "step_back": gettext("One step back"),
        "talk": gettext("Asked to talk"),
        "freeze": gettext("Plan paused"),
        "resume": gettext("Plan opened again"),
        "reviewed": gettext("Plan looked at"),
        "set_level": gettext("Moved to another step"),
        "close": gettext("Plan ended"),
        "finding": gettext("A check of the body"),
        "drafted": gettext("Plan drafted"),
        "approved": gettext("Plan approved"),
        "agreed": gettext("Plan agreed"),
    }


def _done() -> dict[str, str]:
    return {
        "check_ins.record": gettext("Check-in told"),
        "consents.set": gettext("Agreement changed"),
        "decisions.approve": gettext("Decided: as suggested"),
        "decisions.amend": gettext("Decided: something else"),
        "decisions.decline": gettext("Decided: not now"),
        "episodes.open": gettext("Started"),
        "episodes.log_look": gettext("Read your page"),
        "episodes.answer_gate": gettext("Safety question answered"),
        "episodes.clear_gate": gettext("Safety question looked at"),
        "episodes.record_baseline": gettext("How it is now, written down"),
        "episodes.describe": gettext("What matters, written down"),
        "episodes.log_contact": gettext("Got in touch"),
        "episodes.snooze": gettext("Put off for some days"),
        "escalations.raise": gettext("The team was told"),
        "escalations.acknowledge": gettext("Saw a signal about you"),
        "escalations.close": gettext("Dealt with a signal about you"),
        "plans.draft": gettext("Plan drafted"),
        "plans.withdraw": gettext("Plan draft taken back"),
        "plans.approve": gettext("Plan approved"),
        "plans.agree": gettext("Plan agreed"),
        "returned_sheets.record": gettext("A day of your paper sheet written down"),
        "bladder.add": gettext("Added to the three-day diary"),
        "bladder.take_out": gettext("Took a line out of the three-day diary"),
        "details.add": gettext("Added something to a day"),
        "letters.write": gettext("Wrote a letter about you"),
        "letters.see": gettext("Saw a letter"),
        "profiles.confirm": gettext("Went through how things are with you"),
        "reach.write": gettext("Wrote down how to reach you"),
        "alerts.climb": gettext("Told the team to look"),
        "alerts.ask_for_the_outcome": gettext("Asked the team what was done"),
        "reminders.wish": gettext("Said what to send you"),
        "sessions.end": gettext("Signed out elsewhere"),
        "lockout.began": gettext("Too many wrong passwords"),
        "second_factor.confirm": gettext("Set up a second step"),
        "second_factor.recover": gettext("Signed in with a recovery code"),
        "second_factor.remove": gettext("Took the second step away"),
        "second_factor.take_away": gettext("Took a second step away for somebody"),
        "joining.make": gettext("Made a code to sign in with"),
        "joining.join": gettext("Chose a password with a code"),
        "passwords.change": gettext("Changed the password"),
        "ways.set": gettext("Gave an address"),
        "ways.confirm": gettext("Confirmed an address"),
        "ways.remove": gettext("Took an address back"),
        "letters.hand_over": gettext("Handed a letter over"),
        "measurements.record": gettext("Wrote down a test"),
        "questionnaires.record": gettext("Questions answered"),
        "reviews.run": gettext("The plan was worked out again"),
        "mine.export": gettext("Took a copy of everything"),
        "mine.export_by_host": gettext("A copy of everything was made on the server"),
        "erasure.ask": gettext("Asked to delete everything"),
        "visits.booked": gettext("Booked an appointment"),
        "visits.moved": gettext("Moved an appointment"),
        "visits.called_off": gettext("Called an appointment off"),
        "visits.cannot_come": gettext("Said that you cannot come"),
        "visits.kept": gettext("Wrote down that you came"),
        "visits.not_attended": gettext("Wrote down that you could not come"),
        "messages.send": gettext("Wrote a message"),
        "messages.read": gettext("Read your messages"),
        "keeping_well.write": gettext("Wrote down early signs"),
        "keeping_well.tell": gettext("Told how it goes"),
        "keeping_well.come_back": gettext("Came back"),
        "showing.write": gettext("Wrote on the card to show"),
        "people.end_other_sessions": gettext("Signed out everywhere else"),
        "sheets.print": gettext("Printed your sheet"),
    }


def _looked(line: queries.TrailLine) -> Looked:
    kind, _, act = line.action.partition(".")
    said = _acts().get(act) if kind == "acts" else _done().get(line.action)
    plain = line.action.replace("_", " ").replace(".", ": ").capitalize()
    return Looked(line.at, line.by.name, said or plain)


def readers(found: Iterable[queries.Reader]) -> list[Reader]:
    return [Reader(one.who.name, _role(one.who), one.looked_at) for one in found]


def _who(who: queries.Who) -> str:
    return f"{who.name}, {_role(who)}"


def _role(who: queries.Who) -> str:
    said: dict[str, str] = {
        Role.KEYWORKER: gettext("keyworker"),
        Role.PRESCRIBER: gettext("prescriber"),
    }
    return said.get(who.role, who.role.replace("_", " "))


def _what(act: queries.Act) -> str:
    said = _acts().get(act.kind, act.kind.replace("_", " ").capitalize())
    if act.kind == "set_level" and act.level is not None:
        return gettext("Moved to step %(level)s") % {"level": act.level}
    if act.kind != "hold" or act.days is None:
        return said
    if act.days == 0:
        return gettext("Hold ended")
    return ngettext("Hold for one day", "Hold for %(n)d days", act.days) % {"n": act.days}


# --- progress ---------------------------------------------------------------------------------


def progress(page: queries.PersonProgress) -> Picture:
    """Words first: days off, then how things felt, and how much of it is known."""
    return Picture(
        boxes=[_box(day, page.today) for day in page.days],
        lines=_days_line(page) + _item_lines(page),
        too_few=max(0, FEW_DAYS - page.coverage.told),
    )


def _days_line(page: queries.PersonProgress) -> list[str]:
    off = sum(day.status == "none" for day in page.days)
    said = ngettext("One day off", "%(n)d days off", off) % {"n": off}
    known = gettext("of the %(told)d days you told us about") % {"told": page.coverage.told}
    return [f"{said}, {known}."]


def _item_lines(page: queries.PersonProgress) -> list[str]:
    """How the last week compares with the one before, for items told often enough in both."""
    said = {
        "sleep": gettext("Sleep"),
        "body": gettext("Body and pain"),
        "craving": gettext("The pull to use"),
        "mood": gettext("Mood"),
    }
    lines = [_compared(said[name], page.items.get(name, ())) for name in said]
    return [line for line in lines if line]


def _compared(name: str, told: Sequence[int | None]) -> str | None:
    now = [score for score in told[-WEEK:] if score is not None]
    before = [score for score in told[-2 * WEEK : -WEEK] if score is not None]
    if min(len(now), len(before)) < WEEK // 2:
        return None
    change = sum(now) / len(now) - sum(before) / len(before)
    words_for = {"name": name}
    if change <= -1:
        return gettext("%(name)s: easier this week than the week before.") % words_for
    if change >= 1:
        return gettext("%(name)s: harder this week than the week before.") % words_for
    return gettext("%(name)s: about the same as the week before.") % words_for


# --- getting started --------------------------------------------------------------------------


def asked_gates(gates: Sequence[GateState]) -> list[GateState]:
    """The questions that are the person's to answer."""
    return [gate for gate in gates if words.gate(gate.name)["asked_of"] == "person"]


def start_tasks(page: queries.PersonStart) -> list[Task]:
    """The four parts, each with whether it is done."""
    gates = asked_gates(page.gates)
    answered = sum(gate.answer is not None for gate in gates)
    count = gettext("%(done)d of %(all)d") % {"done": answered, "all": len(gates)}
    agreed = all(line.given is not None for line in page.consents)
    return [
        Task(gettext("Agreeing"), reverse("person:agreeing"), agreed),
        Task(
            gettext("Safety questions"),
            reverse("person:questions"),
            answered == len(gates),
            note=count,
        ),
        Task(gettext("How it is now"), reverse("person:pattern"), page.baseline is not None),
        Task(gettext("What matters to you"), reverse("person:matters"), bool(page.what_matters)),
    ]


def pattern_initial(baseline: Baseline | None) -> dict[str, Any]:
    """What was told before, written so that it can be read again."""
    if baseline is None:
        return {}
    low, high = baseline.amount_low_mg, baseline.amount_high_mg
    return {
        "amount": f"{low} mg" if low == high else f"{low}-{high} mg",
        "times_per_day": baseline.times_per_day,
        "days_per_week": str(baseline.days_per_week),
        "smallest": f"{baseline.smallest_unit_mg} mg",
        "unit_words": baseline.unit_words,
        "routes": baseline.routes,
    }


def switches(consents: Sequence[queries.ConsentLine]) -> list[dict[str, Any]]:
    """Each consent with its words and the day it was last answered."""
    told = {line.kind: line for line in consents}
    return [
        {"label": label, "help": help_text, "line": told.get(kind)}
        for kind, label, help_text in forms.ConsentForm.WORDS
    ]


# --- the card to show ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the card: what, the answer, and the day it was told."""

    name: str
    answer: str
    on: date | None = None


def grams(low_mg: int | None, high_mg: int | None) -> str:
    """A range as somebody at a hospital reads it; empty where no amount was told."""
    if low_mg is None or high_mg is None:
        return ""
    low, high = f"{low_mg / 1000:g}", f"{high_mg / 1000:g}"
    return f"{low} g" if low == high else f"{low} to {high} g"


def told_facts(told: Sequence[showing.Told]) -> list[Fact]:
    """Flags in the words that a clinician knows, each with its last day."""
    return [Fact(gettext(care_words.flag(one.flag).team), "", one.on) for one in told]


def answered_facts(states: Sequence[GateState]) -> list[Fact]:
    """Every question with its answer; one without an answer says so, for that is no "no"."""
    said = {
        "yes": gettext("Yes"),
        "no": gettext("No"),
        "not_sure": gettext("Not sure"),
        "rather_not_say": gettext("Rather not say"),
        None: gettext("Not answered"),
    }
    return [
        Fact(
            gettext(state.gate.team),
            said[state.answer],
            state.answered_at,
        )
        for state in states
    ]
