"""What a larger caseload costs the team: Today and the caseload, for sixty people to 100,000.

`make bench-team` prints a line for each target and exits 1 when one is short. Each size is a SQLite
database of its own with a year of check-ins for everybody; the pages are asked for in turn, in this
process, with sign-in, access, templates and all. It takes some twenty minutes and 40 GB.
"""

import logging
import os
import sys
import tempfile
from pathlib import Path

import django

from prove.measures import Measure


def main() -> int:
    """Print every line as it is measured; 1 when a target was missed, else 0."""
    short = 0
    with tempfile.TemporaryDirectory() as home:
        _set_up(home)
        from bench import pages  # Django has to know its settings first

        for line in pages.lines(Path(home)):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
            short += isinstance(line, Measure) and not line.met
    return 1 if short else 0


def _set_up(home: str) -> None:
    os.environ.update(STEPWELL_HOME=home, DJANGO_SETTINGS_MODULE="stepwell.clinic.settings")
    django.setup()
    logging.disable(logging.WARNING)


if __name__ == "__main__":
    sys.exit(main())
