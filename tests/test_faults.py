"""The faults in small: each part runs to its end, all is met, every control is seen to lose."""

import os
import subprocess
import sys

import pytest

from docs import marked, printed

SMALL = {
    "kills": ["--kills", "12"],
    "races": ["--races", "12"],
    "year": ["--days", "4"],
}


@pytest.mark.slow
@pytest.mark.parametrize("part", sorted(SMALL))
def test_a_service_survives_each_kind_of_fault_in_small(part: str) -> None:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("STEPWELL_", "COVERAGE"))}
    asked = [sys.executable, "-m", "faults", "--database", "sqlite", "--part", part, *SMALL[part]]
    done = subprocess.run(
        asked, env=clean, capture_output=True, text=True, check=False, timeout=300
    )
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(line.endswith(" met") for line in lines)
    assert any("control" in line for line in lines)


def test_a_table_of_the_docs_is_the_lines_that_a_run_printed() -> None:
    lines = [
        "sqlite: kills: web and worker: 1005 at 239 write points (target ≥ 1000) met",
        "sqlite: 5/s: caseload 52/119 ms",
        "postgresql: sustained at p99 under 100 ms: 0/s (target ≥ 200/s) short",
    ]
    made = "\n".join(printed.rows(lines))
    assert "| sqlite | kills: web and worker | 1005 at 239 write points | ≥ 1000 | met |" in made
    assert "| postgresql | sustained at p99 under 100 ms | 0/s | ≥ 200/s | **short** |" in made
    assert "caseload" not in made
    page = "a\n<!-- faults: begin -->\n<!-- faults: end -->\n"
    assert "web and worker" in marked.filled(page, "faults", made)
