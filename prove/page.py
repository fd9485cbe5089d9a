"""What a whole run measured, as the table of `docs/proof.md`: figures of a run, never typed."""

import hashlib
import os
import platform
from collections.abc import Iterable, Iterator
from pathlib import Path

from docs import marked
from prove.measures import Measure

ENGINE = Path(__file__).parents[1] / "src" / "stepwell" / "engine"
_NAME = "measured"


def write(path: Path, measures: Iterable[Measure]) -> None:
    """Fill in the marked part of the page. Raises ValueError when it has none."""
    path.write_text(_page(path, lines(measures)), encoding="utf-8")


def check(path: Path) -> None:
    """Raise ValueError or OSError now for a page that could not be filled in an hour later."""
    _page(path, ())


def _page(path: Path, content: Iterable[str]) -> str:
    return marked.filled(path.read_text(encoding="utf-8"), _NAME, "\n".join(content))


def lines(measures: Iterable[Measure]) -> Iterator[str]:
    """Where it ran and on what, then a row for each measure, the short ones in bold."""
    cores, python = os.cpu_count(), platform.python_version()
    yield f"Engine source `{source()}`; {cores} cores, Python {python}."
    yield ""
    yield "| measure | measured | target | |"
    yield "|---|---|---|---|"
    for measure in measures:
        verdict = "met" if measure.met else "**short**"
        cells = (measure.name, measure.measured, measure.target, verdict)
        yield f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def source() -> str:
    """The first figures of the SHA-256 of the engine's source files, in order of their names."""
    whole = hashlib.sha256()
    for path in sorted(ENGINE.glob("*.py")):
        whole.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()[:16]
