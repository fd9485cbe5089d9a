"""The three-day bladder diary as a PDF for the doctor: figures first, then every entry."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from stepwell.clinic.care import bladder
from stepwell.clinic.care.models import Episode
from stepwell.clinic.care.voiding import Day, Entry, Kind, Volume
from stepwell.clinic.papers import typesetting


def pdf(episode: Episode, *, at: datetime) -> bytes:
    """A tagged PDF in the person's own time zone. Says of how many measured voids each sum is."""
    zone = ZoneInfo(episode.time_zone)
    lines = bladder.last_diary(episode)
    values = {
        "lang": "en",
        "title": gettext("Three-day bladder diary"),
        "name": episode.person.display_name,
        "made": _when(at, zone),
        "note": gettext(
            "Told by the person, not measured by a clinic. A day runs from getting up to getting "
            "up; the first void after it counts to the night before. Not measured is not zero."
        ),
        "none": gettext("Nothing has been written down yet."),
        "days": [
            {"name": date_format(day.up.astimezone(zone), "l j F Y"), "facts": list(facts(day))}
            for day in bladder.days(episode)
        ],
        "every": gettext("Every line"),
        "head": [gettext("When"), gettext("What"), gettext("ml"), gettext("Also")],
        "rows": [list(_row(line.entry, zone)) for line in lines],
    }
    return typesetting.pdf("bladder.typ", values, at=at)


def facts(day: Day) -> Iterator[tuple[str, str]]:
    """What one day came to, in words; what cannot be known is left out or says why."""
    yield gettext("Times by day"), str(day.day_voids)
    yield gettext("Times at night"), _known(day.night_voids)
    yield gettext("In 24 hours"), _volume(day.total)
    yield gettext("At night, with the first in the morning"), _night(day)
    yield gettext("Largest"), _ml(day.largest_ml)
    yield gettext("Mean of those measured"), _ml(day.mean_ml)
    yield gettext("Longest gap"), _gap(day.longest_gap)
    yield gettext("Drunk"), _volume(day.drunk)
    yield gettext("Leaks told"), _known(day.leaks)
    yield gettext("Worst pain, 0 to 10"), _known(day.worst_pain)


def known(day: Day) -> list[tuple[str, str]]:
    """The same without what nothing is known of: a phone is small."""
    unknown = {_known(None), _ml(None), _volume(None)}
    return [(name, said) for name, said in facts(day) if said not in unknown]


def _known(value: int | None) -> str:
    return gettext("not known") if value is None else str(value)


def _ml(value: int | None) -> str:
    return gettext("none measured") if value is None else f"{value} ml"


def _volume(volume: Volume | None) -> str:
    if volume is None:
        return gettext("not known: the next getting up is not told")
    if not volume.measured:
        return gettext("none measured")
    told = ngettext("%(ml)d ml of one measured", "%(ml)d ml of %(n)d measured", volume.measured)
    said = told % {"ml": volume.ml, "n": volume.measured}
    if volume.is_whole:
        return said
    return gettext("at least %(said)s; %(more)d not measured") % {
        "said": said,
        "more": volume.of - volume.measured,
    }


def _night(day: Day) -> str:
    said = _volume(day.night)
    return said if day.night_percent is None else f"{said} ({day.night_percent} %)"


def _gap(gap: timedelta | None) -> str:
    if gap is None:
        return gettext("not known")
    hours, minutes = divmod(int(gap.total_seconds()) // 60, 60)
    return gettext("%(h)d h %(m)d min") % {"h": hours, "m": minutes}


def _row(entry: Entry, zone: ZoneInfo) -> Iterator[str]:
    yield _when(entry.at, zone)
    yield kind(entry.kind)
    yield "" if entry.ml is None else str(entry.ml)
    yield ", ".join(_also(entry))


def said(entry: Entry) -> str:
    """One entry on one line."""
    parts = [kind(entry.kind), *([f"{entry.ml} ml"] if entry.ml else []), *_also(entry)]
    return ", ".join(parts)


def _also(entry: Entry) -> Iterator[str]:
    if entry.leaked:
        yield gettext("leaked")
    if entry.blood:
        yield gettext("blood")
    if entry.pain is not None:
        yield gettext("pain %(n)d") % {"n": entry.pain}


def kind(told: Kind) -> str:
    """What an entry is, in a word."""
    return {
        Kind.VOID: gettext("Peed"),
        Kind.DRINK: gettext("Drank"),
        Kind.UP: gettext("Got up"),
        Kind.BED: gettext("Went to bed"),
    }[told]


def _when(at: datetime, zone: ZoneInfo) -> str:
    return date_format(at.astimezone(zone), "D j M, H:i")
