"""Values into a tagged PDF. What people wrote goes in as data and is never read as markup."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import typst

# The first that this machine has; the last comes with the typesetter itself.
FONTS = ["Noto Sans", "DejaVu Sans", "Liberation Sans", "Libertinus Serif"]
ACCESSIBLE = "ua-1"


def pdf(template: str, values: Mapping[str, Any], *, at: datetime) -> bytes:
    """The PDF/UA-1 document of one template beside this module, for values that JSON can hold.

    Where no font of this machine has a character, the document is tagged all the same, but does
    not claim the standard: nobody goes without a sheet for the way their name is written.
    """
    try:
        return _compile(template, values, at, [ACCESSIBLE])
    except typst.TypstError:
        return _compile(template, values, at, [])


def _compile(template: str, values: Mapping[str, Any], at: datetime, standards: Any) -> bytes:
    source = (files(__package__) / template).read_bytes()
    told = json.dumps({**values, "fonts": FONTS})
    made = typst.compile(
        source,
        font_paths=_fonts(),
        sys_inputs={"values": told},
        pdf_standards=standards,
        timestamp=at.replace(microsecond=0),  # the typesetter takes whole seconds alone
    )
    assert isinstance(made, bytes)
    return made


@cache
def _fonts() -> typst.Fonts:
    """The fonts of this machine and of the typesetter, looked for once."""
    return typst.Fonts()
