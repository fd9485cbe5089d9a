"""Put the lines that a run printed into the marked part of a page: figures of a run, never typed.

`make faults > lines` and then `python -m docs.printed docs/service.md faults < lines`. Lines that
are no measure are left out.
"""

import os
import platform
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from docs import marked

_LINE = re.compile(
    r"(?P<of>\w+): (?P<name>.+): (?P<told>.+?) \(target (?P<target>.+)\) (?P<end>\w+)"
)


def rows(lines: Iterable[str]) -> Iterator[str]:
    """Where it ran, then a row for each measure, the short ones in bold."""
    yield f"{os.cpu_count()} cores, Python {platform.python_version()}."
    yield ""
    yield "| database | measure | measured | target | |"
    yield "|---|---|---|---|---|"
    for line in lines:
        if found := _LINE.fullmatch(line.strip()):
            end = "met" if found["end"] == "met" else "**short**"
            cells = (found["of"], found["name"], found["told"], found["target"], end)
            yield f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def main() -> int:
    """Fill in the part; ValueError where the page has none of that name."""
    path, part = Path(sys.argv[1]), sys.argv[2]
    content = "\n".join(rows(sys.stdin))
    path.write_text(marked.filled(path.read_text(encoding="utf-8"), part, content), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
