"""One person's whole record in a folder, for a service that must hand it over."""

import shutil
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from stepwell.clinic.care import access, mine
from stepwell.clinic.care.mine import Mine
from stepwell.clinic.hosting import files
from stepwell.clinic.hosting.manifest import Unusable
from stepwell.clinic.papers import mine as papers

FORMS: Mapping[str, Callable[[Mine], bytes]] = {
    "everything.json": papers.as_json,
    "tables.zip": papers.as_csv,
    "everything.pdf": papers.as_pdf,
}


def write(to: Path, *, episode: str, person: str, reason: str, at: datetime) -> list[str]:
    """The names of the files written. The folder appears whole, after the trail's line of it.

    A kill in between leaves a line without a copy, never a copy without its line. Raises Unusable.
    """
    if to.exists():
        raise Unusable(f"{to} is there already: nothing is written over")
    try:
        made = mine.export_for_host(
            mine.named(episode=episode, person=person), reason=reason, at=at
        )
    except access.NotFound:
        raise Unusable("there is no such person with a course of care") from None
    except ValueError as error:
        raise Unusable(str(error)) from error
    _put(made, to)
    return list(FORMS)


def _put(made: Mine, to: Path) -> None:
    draft = files.draft_of(to)
    try:
        draft.mkdir(mode=0o700)
        for name, form in FORMS.items():
            (draft / name).write_bytes(form(made))
            (draft / name).chmod(0o600)
        draft.rename(to)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise Unusable(f"it could not be written: {error}") from error
