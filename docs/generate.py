"""Writes the generated parts of the docs from the data; `make docs` runs it, a test diffs it."""

import json
from pathlib import Path

DOCS = Path(__file__).parent
PAGE = DOCS / "evidence.md"
PROTOCOL = DOCS.parent / "src" / "stepwell" / "data" / "protocols" / "ketamine.json"
BEGIN, END = "<!-- numbers: begin -->\n", "<!-- numbers: end -->\n"


def numbers() -> str:
    """The table of every number of the protocol, as Markdown."""
    protocol = json.loads(PROTOCOL.read_text(encoding="utf-8"))
    title = f"Protocol `{protocol['name']}` {protocol['version']}"
    lines = [
        f"{title}; next review {protocol['next_review']}.",
        "",
        "| number | value | grade | basis |",
        "|---|---|---|---|",
        *(_row(name, one) for name, one in protocol["limits"].items()),
    ]
    return "\n".join(lines) + "\n"


def _row(name: str, one: dict[str, str]) -> str:
    value = f"{one['value']} {one['unit']}"
    return f"| {name.replace('_', ' ')} | {value} | {one['grade']} | {one['source']} |"


def evidence() -> str:
    """The evidence page as it should read."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    return before + BEGIN + numbers() + END + rest.split(END)[1]


if __name__ == "__main__":
    PAGE.write_text(evidence(), encoding="utf-8")
