"""The team's words for what the program keeps as names. The words of rules and flags are data."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from stepwell.clinic.accounts.models import Channel, ConsentKind, Role
from stepwell.clinic.care import words as care_words
from stepwell.clinic.care.models import (
    Answer,
    ContactHow,
    ContactOutcome,
    Goal,
    Lane,
    Supply,
    Urgency,
    VisitChange,
    VisitHow,
)

Words = Mapping[Any, Any]

LANE: Words = {
    Lane.SAFETY: _("Safety"),
    Lane.DECIDE: _("Decide"),
    Lane.QUIET: _("Quiet"),
    Lane.DUE: _("Due"),
}
LANE_ASKS: Words = {
    Lane.SAFETY: _("Somebody may be in danger."),
    Lane.DECIDE: _("The plan waits for a clinician."),
    Lane.QUIET: _("Nobody has heard from them."),
    Lane.DUE: _("A date is near or past."),
}
LANE_TAG: Words = {
    Lane.SAFETY: "tag-alert",
    Lane.DECIDE: "tag-decide",
    Lane.QUIET: "tag-quiet",
    Lane.DUE: "tag-due",
}
URGENCY: Words = {
    Urgency.EMERGENCY: _("Emergency, now"),
    Urgency.SAME_DAY: _("Same day"),
    Urgency.ROUTINE: _("Routine"),
}
CONTACT: Words = {
    ContactHow.CALL: _("Call"),
    ContactHow.MESSAGE: _("Message"),
    ContactHow.VISIT: _("Visit"),
    ContactHow.NOTE: _("Note"),
}
CHANNEL: Words = {Channel.EMAIL: _("E-mail"), Channel.SMS: _("Text message")}
CONTACT_OUTCOME: Words = {
    ContactOutcome.REACHED: _("Spoke with them"),
    ContactOutcome.NO_ANSWER: _("No answer"),
    ContactOutcome.WRONG_NUMBER: _("Wrong number or address"),
}
VISIT_HOW: Words = {
    VisitHow.IN_PERSON: _("In person"),
    VisitHow.PHONE: _("By phone"),
    VisitHow.VIDEO: _("By video"),
}
VISIT: Words = {
    VisitChange.BOOKED: _("Booked"),
    VisitChange.MOVED: _("Moved"),
    VisitChange.CALLED_OFF: _("Called off"),
    VisitChange.CANNOT_COME: _("Could not come, and said so"),
    VisitChange.KEPT: _("Came"),
    VisitChange.NOT_ATTENDED: _("Was not able to attend"),
}
ANSWER: Words = {
    Answer.NO: _("No"),
    Answer.YES: _("Yes"),
    Answer.NOT_SURE: _("Not sure"),
    Answer.RATHER_NOT_SAY: _("Rather not say"),
}
SUPPLY: Words = {
    Supply.NON_PRESCRIBED: _("Not prescribed"),
    Supply.PRESCRIBED: _("Prescribed by a clinic"),
}
GOAL: Words = {
    Goal.NONE: _("Ease off to none"),
    Goal.LESS: _("Ease off to less"),
    Goal.STOP_NOW: _("Stop now, with support"),
    Goal.NOT_SURE: _("Not sure yet"),
}
CONSENT: Words = {
    ConsentKind.STORE: _("Keep their answers here"),
    ConsentKind.SHARE_KEYWORKER: _("Share with the key worker"),
    ConsentKind.SHARE_PRESCRIBER: _("Share with the prescriber"),
    ConsentKind.SHARE_GP: _("Share with their GP"),
    ConsentKind.SHARE_UROLOGY: _("Share with urology"),
    ConsentKind.LEARNING: _("Help others to learn, without a name"),
}
ROLE: Words = {
    Role.PERSON: _("Person"),
    Role.KEYWORKER: _("Key worker"),
    Role.PRESCRIBER: _("Prescriber"),
    Role.SAFEGUARDING_LEAD: _("Safeguarding lead"),
    Role.MANAGER: _("Manager"),
    Role.ADMINISTRATOR: _("Administrator"),
    "clinician": _("A prescriber, or a nurse whom the service has named"),
    "human_assessment": _("A prescriber or named nurse who has seen or spoken with them today"),
    "nobody": _("Nobody in this service"),
    "program": _("Stepwell"),
}
ROUTE: Words = {
    "nose": _("Nose"),
    "mouth": _("Mouth, also lozenges"),
    "smoked": _("Smoked"),
    "injected": _("Injected"),
    "other": _("Another way"),
}
ORGAN: Words = {"bladder": _("Bladder"), "liver": _("Liver"), "weight": _("Weight")}
DECISION: Words = {
    "approve": _("Do what is recommended"),
    "amend": _("Do something else"),
    "decline": _("Do not do it"),
}
DECIDED: Words = {
    "approve": _("Approved"),
    "amend": _("Amended"),
    "decline": _("Declined"),
}
PLAN_STATUS: Words = {
    "draft": _("Draft"),
    "approved": _("Approved, waits for the person"),
    "agreed": _("Agreed"),
    "superseded": _("Replaced"),
    "withdrawn": _("Taken back"),
}
OFFER: Words = {
    "step": _("A step down is open"),
    "stay": _("Stay on this level"),
    "hold": _("Hold on this level"),
    "step_back": _("A step back is offered"),
    "freeze": _("Frozen until a clinician acts"),
    "review": _("A clinician is asked to review"),
    "finish": _("Finishing is offered"),
}
OFFER_TAG: Words = {
    "step": "tag-calm",
    "stay": "tag-dot",
    "hold": "tag-hold",
    "step_back": "tag-decide",
    "freeze": "tag-alert",
    "review": "tag-decide",
    "finish": "tag-calm",
}
ACT: Words = {
    "step": _("Step down"),
    "hold": _("Hold"),
    "step_back": _("Step back one level"),
    "talk": _("Ask to talk"),
    "freeze": _("Freeze the plan"),
    "resume": _("Resume the plan"),
    "reviewed": _("Record that it was reviewed"),
    "set_level": _("Set a level"),
    "close": _("End the plan"),
    "finding": _("Record a finding"),
    "stays": _("Nothing changes: they stay where they are"),
    "stays_frozen": _("It stays frozen"),
    "stays_on_hold": _("It stays on hold"),
}
DID: Words = {
    "drafted": _("Drafted a plan"),
    "approved": _("Signed the plan"),
    "agreed": _("Agreed to the plan"),
    "stays": _("Decided that nothing changes"),
    "stays_frozen": _("Decided that it stays frozen"),
    "stays_on_hold": _("Decided that it stays on hold"),
    "check_in": _("Checked in"),
    "step": _("Stepped down"),
    "hold": _("Took a hold"),
    "step_back": _("Stepped back one level"),
    "talk": _("Asked to talk"),
    "freeze": _("Froze the plan"),
    "resume": _("Resumed the plan"),
    "reviewed": _("Recorded a review"),
    "set_level": _("Set a level"),
    "close": _("Ended the plan"),
    "finding": _("Recorded a finding"),
}
PERSON_MAY: Words = {
    "hold": _("Hold where they are"),
    "step": _("Take the next step when it is open"),
    "step_back": _("Step back one level when it is offered"),
}
SHAPE: Words = {
    "stop_now": _("Stop now, with support"),
    "proportional": _("The same share each time"),
    "linear": _("The same amount each time"),
    "equal_occupancy": _("The same effect each time"),
    "halving": _("Halving"),
    "spacing": _("Fewer days of use"),
    "custom": _("Levels given one by one"),
}
SHAPE_ABOUT: Words = {
    "stop_now": _("One step to the goal, with every check-in and all of the aftercare."),
    "proportional": _("Each level is a fixed share below the one before. Steps shrink on the way."),
    "linear": _("Equal steps in milligrams down to the goal."),
    "equal_occupancy": _("Equal steps in modelled effect: large steps first, small ones last."),
    "halving": _(
        "What the article describes. Far faster than guidance for other drugs: a named clinician "
        "authorises it with a reason."
    ),
    "spacing": _("Days of use fall one by one; the amount stays. Not for daily use by default."),
    "custom": _("You write each level yourself."),
}
SAFETY: Words = {
    "no": _("no"),
    "thoughts": _("thoughts of ending their life"),
    "plan": _("a plan to end their life"),
    "declined": _("declined to say"),
}
DAY_STATUS: Words = {
    "none": _("no use"),
    "used": _("used"),
    "unsure": _("not sure"),
    "missing": _("not told"),
}
ITEM: Words = {
    "craving": _("Craving"),
    "anxiety": _("Anxiety"),
    "mood": _("Low mood"),
    "irritability": _("Irritability"),
    "sleep": _("Sleep"),
    "body": _("Body"),
    "getting_things_done": _("Getting things done"),
}
CORE_ITEMS = ("craving", "anxiety", "mood", "irritability")
MISSING: Words = {
    "days": _("Write for how many days."),
    "level": _("Choose the level."),
    "organ": _("Say what was found: bladder, liver or weight."),
    "worse": _("Say whether it is worse."),
    "reason": _("Write why."),
    "amendment": _("Choose what is done instead."),
}
ACTION: Words = {
    "episodes.open": _("began the course of care"),
    "episodes.describe": _("wrote down their words"),
    "episodes.record_baseline": _("recorded the baseline"),
    "episodes.answer_gate": _("recorded an answer to a safety question"),
    "episodes.clear_gate": _("cleared a safety question"),
    "episodes.log_contact": _("logged a contact"),
    "episodes.log_look": _("read this page"),
    "returned_sheets.record": _("wrote down a day of a paper sheet"),
    "mine.export": _("took a copy of their record"),
    "mine.export_by_host": _("made a copy of their record on the server"),
    "showing.write": _("wrote on their card to show"),
    "bladder.add": _("added to the bladder diary"),
    "bladder.take_out": _("took a line out of the bladder diary"),
    "details.add": _("added something to a day"),
    "directory.added": _("added a number to the directory"),
    "directory.rang": _("checked a number of the directory"),
    "directory.failed": _("found a number of the directory wrong"),
    "directory.retired": _("took a number out of the directory"),
    "profiles.confirm": _("confirmed an outcomes profile together"),
    "reach.write": _("wrote down how to reach them"),
    "rules.change": _("changed the service's rules"),
    "duty.take": _("put somebody on duty"),
    "alerts.climb": _("told colleagues to look"),
    "alerts.ask_for_the_outcome": _("asked for the outcome of a signal"),
    "reminders.wish": _("said what they want to be sent"),
    "sessions.end": _("signed out elsewhere"),
    "lockout.began": _("had too many wrong passwords"),
    "second_factor.confirm": _("set up a second step"),
    "second_factor.recover": _("signed in with a recovery code"),
    "second_factor.remove": _("took the second step away"),
    "second_factor.take_away": _("took a colleague's second step away"),
    "joining.make": _("made a code to sign in with"),
    "joining.join": _("chose a password with a code"),
    "passwords.change": _("changed their password"),
    "ways.set": _("gave an address to be told at"),
    "ways.confirm": _("confirmed an address"),
    "ways.remove": _("took an address back"),
    "letters.write": _("wrote a letter"),
    "letters.see": _("saw a letter"),
    "letters.hand_over": _("handed a letter over"),
    "measurements.record": _("wrote down a test"),
    "questionnaires.record": _("answered a questionnaire"),
    "safeguarding.read": _("read restricted notes"),
    "safeguarding.write": _("wrote a restricted note"),
    "safeguarding.add": _("added to a restricted note"),
    "safeguarding.break_glass": _("broke the glass on restricted notes"),
    "safeguarding.look": _("looked at a broken glass"),
    "visits.booked": _("booked an appointment"),
    "visits.moved": _("moved an appointment"),
    "visits.called_off": _("called an appointment off"),
    "visits.cannot_come": _("said they cannot come"),
    "visits.kept": _("wrote down that they came"),
    "visits.not_attended": _("wrote down a missed appointment"),
    "messages.send": _("wrote a message"),
    "messages.read": _("read the messages"),
    "keeping_well.write": _("wrote down their early signs"),
    "keeping_well.tell": _("told how it goes after the end"),
    "keeping_well.come_back": _("came back after the end"),
    "erasure.ask": _("asked for their record to be deleted"),
    "sheets.print": _("printed the plan sheet"),
    "episodes.snooze": _("put a card off"),
    "check_ins.record": _("checked in"),
    "plans.draft": _("drafted a plan"),
    "plans.approve": _("signed a plan"),
    "plans.agree": _("agreed to the plan"),
    "plans.withdraw": _("took a draft back"),
    "acts.step": _("stepped down"),
    "acts.hold": _("took a hold"),
    "acts.step_back": _("stepped back one level"),
    "acts.talk": _("asked to talk"),
    "acts.freeze": _("froze the plan"),
    "acts.resume": _("resumed the plan"),
    "acts.reviewed": _("recorded a review"),
    "acts.set_level": _("set a level"),
    "acts.close": _("ended the course of care"),
    "acts.finding": _("recorded a finding"),
    "consents.set": _("set a consent"),
    "decisions.approve": _("decided: approved"),
    "decisions.amend": _("decided: amended"),
    "decisions.decline": _("decided: declined"),
    "reviews.run": _("made a recommendation"),
    "escalations.raise": _("raised a signal"),
    "escalations.acknowledge": _("saw a signal"),
    "escalations.close": _("closed a signal"),
}
FIGURE: Words = {
    "open_episodes": _("people with an open course of care"),
    "on_an_agreed_plan": _("on an agreed plan"),
    "told_in_28_days": _("told something in the last 28 days"),
    "urgent_signals_open": _("urgent signals open"),
    "signals_closed_in_28_days": _("signals closed in the last 28 days"),
    "reviews_open": _("reviews that wait for a decision"),
    "closed_in_28_days": _("courses of care closed in the last 28 days"),
    "past_their_review_date": _("on a plan whose review date has passed"),
    "letters_in_90_days": _("letters written in 90 days"),
    "use_on_fewer_days": _(
        "of those 28 days on a plan who told half of them or more used on fewer days than before"
    ),
    "days_of_use_fewer": _("of use fewer in 28, in the middle, of the same people"),
    "days_to_a_plan": _("from the beginning to an agreed plan, in the middle, of half a year"),
    "hours_to_a_look": _("from an urgent signal to a look, in the middle, of 90 days"),
    "days_told_of_28": _("of 28 days told, in the middle, of those on a plan"),
    "still_here_after_90_days": _("of those who began 90 to 180 days ago were here for 90 days"),
}
UNIT: Words = {"days": _("days"), "hours": _("hours"), "%": "%"}
MATTERS: Words = {
    "sleep": _("Sleep"),
    "pain": _("Less pain"),
    "pee": _("Pee and bladder"),
    "money": _("Money"),
    "people": _("People close to me"),
    "work": _("Work or college"),
    "mood": _("Mood"),
    "stop": _("Just want it to stop"),
}
NEED: Words = {
    "authorisation": _("A named clinician authorises what is beyond the limits, with a reason."),
    "confirmation": _("The amount is unusually high: confirm it with the person and say how."),
}


def choices(kind: type[StrEnum], named: Words) -> list[tuple[str, Any]]:
    """Choices of a form field, in the order of the enumeration."""
    return [(member.value, named[member]) for member in kind]


def of(named: Words, key: object) -> str:
    """The word for a name; a name without a word is shown readable rather than hidden."""
    found = named.get(key)
    return str(key or "").replace("_", " ") if found is None else str(found)


def act(kind: str) -> str:
    """The word for an act."""
    return of(ACT, kind)


def flag(name: str) -> str:
    """The team's words for a flag, from the data."""
    return care_words.flag(name).team


def signal(name: str) -> str:
    """The words for what a signal is about."""
    return care_words.signal(name).team


def days_ago(days: int) -> str:
    """How old something is."""
    if days <= 0:
        return str(_("today"))
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
