"""Empty sheets to fill in by hand: a questionnaire, and three days of a bladder diary."""

from datetime import datetime

from django.utils.translation import gettext

from stepwell.clinic.care import bladder, directory
from stepwell.clinic.care.instruments import Instrument
from stepwell.clinic.care.models import Episode
from stepwell.clinic.papers import sheet, typesetting

LINES_A_DAY = 20


def questionnaire(episode: Episode, asked: Instrument, *, at: datetime) -> bytes:
    """One page with a box for every answer; initials and no name, no word of what it is about."""
    values = {
        **_document(episode, gettext(asked.plain)),
        "lead": gettext(asked.lead),
        "items": [
            {"text": gettext(item.text), "options": [gettext(one.label) for one in item.options]}
            for item in asked.items
        ],
        "danger": _danger(episode),
        "foot": f"{asked.title}. {asked.licence}",
    }
    return typesetting.pdf("questionnaire.typ", values, at=at)


def diary(episode: Episode, *, at: datetime) -> bytes:
    """Three days with a line for each void and drink."""
    days = bladder.rules()["days"]
    values = {
        **_document(episode, gettext("Three days")),
        "lead": gettext("Write each time you pee or drink. Empty is fine: it is not read as zero."),
        "days": [gettext("Day %(n)d. Date:") % {"n": n} for n in range(1, days + 1)],
        "up": gettext("Got up at:"),
        "bed": gettext("Went to bed at:"),
        "head": [
            gettext("Time"),
            gettext("Peed, ml"),
            gettext("Drank, ml"),
            gettext("Leaked?"),
            gettext("Blood?"),
            gettext("Pain 0-10"),
        ],
        "lines": LINES_A_DAY,
        "foot": gettext("Blood, or not able to pee? Do not wait: call your team, or a doctor."),
    }
    return typesetting.pdf("diary.typ", values, at=at)


def _danger(episode: Episode) -> str:
    """Paper tells nobody: the sheet says so, with the numbers that the person's Help has."""
    said = gettext("Nobody reads this until you hand it over.")
    if number := directory.emergency_number(episode.service):
        said += " " + gettext("In danger now, call %(number)s.") % {"number": number}
    if episode.service.phone:
        said += " " + gettext("Your team: %(phone)s.") % {"phone": episode.service.phone}
    return said


def _document(episode: Episode, title: str) -> dict[str, str]:
    return {"lang": "en", "title": title, "name": sheet.initials(episode.person.display_name)}
