"""Every text that somebody may read, with where it stands and whether it is safety text.

Templates are read as Django compiles them, Python by its own parser, and the data by the keys that
screens hand to gettext.
"""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

from django.template import engines
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "stepwell"
CLINIC = PACKAGE / "clinic"
KEYWORDS = {"gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "_"}
# What of the data reaches a screen through gettext, by the name of its key or of its parent's.
DATA_KEYS = {
    "alerts.json": {"subject", "text"},
    "detail.json": {"label", "routes"},
    "gates.json": {"question", "team"},
    "help/*": {"name", "steps", "crews"},
    "instruments/*": {"question", "at_0", "at_10", "label", "why", "urgencies"},
    "keep_well/*": {"text"},
    "learn/*": {"name", "text", "grades"},
    "measurements.json": {"plain", "why"},
    "mine/*": {"text"},
    "paper/*": {"text", "discreet"},
    "questionnaires/*": {"plain", "why", "lead", "text", "label"},
    "rooms/*": {"name", "lead", "title", "lines"},
    "wording/*": {"person", "team", "lines"},
}


@dataclass(frozen=True, slots=True)
class Text:
    """One text in English; `plural` is empty where there is none."""

    english: str
    plural: str
    place: str


def texts() -> list[Text]:
    """All of them, each once for every file it stands in, in a steady order."""
    found = {*_templates(), *_modules(), *_data()}
    return sorted(found, key=lambda one: (one.place, one.english))


def for_the_person() -> list[Text]:
    """Those that a person can meet: all but what only the team's pages say."""
    return [one for one in texts() if not one.place.startswith(("templates/team/", "team/"))]


def _templates() -> Iterator[Text]:
    """Only with Django set up: each template is compiled as it is for a page."""
    for path in sorted((CLINIC / "templates").rglob("*.html")):
        name = path.relative_to(CLINIC / "templates").as_posix()
        for english, plural in _in_template(name):
            yield Text(english, plural, f"templates/{name}")


def _in_template(name: str) -> Iterator[tuple[str, str]]:
    nodes = engines["django"].engine.get_template(name).nodelist  # type: ignore[attr-defined]
    for node in nodes.get_nodes_by_type(TranslateNode):
        if isinstance(said := node.filter_expression.var.literal, str):
            yield said, ""
    for node in nodes.get_nodes_by_type(BlockTranslateNode):
        parts = [node.render_token_list(part)[0] for part in (node.singular, node.plural) if part]
        yield parts[0], "".join(parts[1:])
    source = (CLINIC / "templates" / name).read_text("utf-8")
    yield from ((said, "") for said in re.findall(r"""_\("([^"]+)"\)""", source))


def _modules() -> Iterator[Text]:
    for path in sorted(CLINIC.rglob("*.py")):
        yield from _in_python(path.read_text("utf-8"), path.relative_to(CLINIC).as_posix())


def _in_python(source: str, place: str) -> Iterator[Text]:
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Name) and call.func.id in KEYWORDS:
            said = [one.value for one in call.args[:2] if isinstance(one, ast.Constant)]
            words = [one for one in said if isinstance(one, str) and one.strip()]
            if words:
                yield Text(words[0], "".join(words[1:]), place)


def _data() -> Iterator[Text]:
    for pattern, keys in DATA_KEYS.items():
        for path in sorted((PACKAGE / "data").glob(pattern)):
            place = f"data/{path.relative_to(PACKAGE / 'data').as_posix()}"
            yield from _in_data(json.loads(path.read_text("utf-8")), keys, place)


def _in_data(document: Any, keys: set[str], place: str) -> Iterator[Text]:
    for part, told in document.items() if isinstance(document, dict) else ():
        yield from (Text(said, "", f"{place}#{part}") for said in _said(part, told, keys))


def _said(key: str, told: Any, keys: set[str]) -> Iterator[str]:
    if isinstance(told, str):
        yield from [told] if key in keys else []
    elif isinstance(told, list):
        for one in told:
            yield from _said(key, one, keys)
    elif isinstance(told, dict):
        for name, one in told.items():
            yield from _said(key if key in keys and isinstance(one, str) else name, one, keys)


# --- what is safety text ----------------------------------------------------------------------


def is_safety(english: str, places: tuple[str, ...]) -> bool:
    """Whether a text stays English until somebody has read it: by its places, or its words."""
    rules = _rules()
    if english in rules["plain"]:
        return False
    if re.search(rules["words"], english, re.IGNORECASE):
        return True
    return any(_stands_in(place, pattern) for place in places for pattern in rules["places"])


def _stands_in(place: str, pattern: str) -> bool:
    return fnmatch(place if "#" in pattern else place.partition("#")[0], pattern)


@cache
def _rules() -> Any:
    return json.loads(Path(__file__).with_name("safety.json").read_text("utf-8"))
