"""Writes the generated docs from data, hazard log and engine; `make docs`; a test diffs them."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from docs import marked, state_diagram
from safety import case, log

DOCS = Path(__file__).parent
PAGE = DOCS / "evidence.md"
RETENTION = DOCS / "retention.md"
DATA = DOCS.parent / "src" / "stepwell" / "data"


def claims() -> Iterator[str]:
    """The claims of the source article with their grades, as a Markdown table."""
    yield "| # | claim | grade | what was found |"
    yield "|---|---|---|---|"
    for one in _data("evidence.json")["claims"]:
        yield f"| {one['number']} | {one['claim']} | {one['grade']} | {one['found']} |"


def unknowns() -> Iterator[str]:
    """What is not known, as a numbered list."""
    for number, one in enumerate(_data("evidence.json")["not_known"], start=1):
        yield f"{number}. {one}"


def numbers() -> Iterator[str]:
    """Every number of the protocol, as a Markdown table."""
    protocol = _data("protocols/ketamine.json")
    title = f"Protocol `{protocol['name']}` {protocol['version']}"
    yield f"{title}; next review {protocol['next_review']}."
    yield ""
    yield "| number | value | grade | basis |"
    yield "|---|---|---|---|"
    for name, one in protocol["limits"].items():
        value = f"{one['value']} {one['unit']}"
        yield f"| {name.replace('_', ' ')} | {value} | {one['grade']} | {one['source']} |"


def evidence() -> str:
    """The evidence page as it should read."""
    page = PAGE.read_text(encoding="utf-8")
    for part in (claims, unknowns, numbers):
        page = marked.filled(page, part.__name__, "\n".join(part()))
    return page


def periods() -> Iterator[str]:
    """How long each kind of record is kept, as a Markdown table."""
    told = _data("retention.json")
    yield told["to_be_confirmed"]
    yield ""
    yield "| what | years | from | ended by | grade | source |"
    yield "|---|---|---|---|---|---|"
    for one in told["kinds"].values():
        cells = [one["what"], str(one["years"] or ""), one["from"], one["ended_by"]]
        yield f"| {' | '.join([*cells, one['grade'], one['source']])} |"


def retention() -> str:
    """The page of retention as it should read."""
    page = RETENTION.read_text(encoding="utf-8")
    return marked.filled(page, "retention", "\n".join(periods()))


def safety_case() -> str:
    """The safety case, from the hazard log."""
    return case.page(log.load())


def hazards() -> str:
    """The hazard log as a table."""
    return case.table(log.load())


PAGES: Mapping[Path, Callable[[], str]] = {
    PAGE: evidence,
    RETENTION: retention,
    DOCS / "safety-case.md": safety_case,
    DOCS / "hazards.csv": hazards,
    DOCS / "state-diagram.md": state_diagram.page,
}


def _data(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


if __name__ == "__main__":
    for path, content in PAGES.items():
        path.write_text(content(), encoding="utf-8")
