"""`make faults`: everything a service must survive, on both databases, a line for each measure.

Exit 1 when a line is short. Each part has controls that are made to lose and must be seen to.
`kill -9` shows nothing of a power cut: a write that the disk only promised is not lost by it.
"""

import argparse
import logging
import subprocess
import sys

from faults import databases

KINDS = ("sqlite", "postgresql")


def main() -> int:
    """Run each database in a process of its own; 1 when any line was short."""
    asked = _asked()
    if asked.database == "both":
        rest = sys.argv[1:]
        runs = [[sys.executable, "-m", "faults", *rest, "--database", kind] for kind in KINDS]
        return max(subprocess.run(run, check=False).returncode for run in runs)
    return _run(asked)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="faults", description=__doc__)
    parser.add_argument("--database", choices=["both", *KINDS], default="both")
    parser.add_argument(
        "--part", choices=["all", "kills", "races", "sendings", "year"], default="all"
    )
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--races", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=365)
    return parser.parse_args()


def _run(asked: argparse.Namespace) -> int:
    short = 0
    with databases.opened(asked.database) as database:
        logging.disable(logging.ERROR)
        from faults import parts  # Django has to know its settings first

        for line in parts.lines(database, asked):
            sys.stdout.write(f"{asked.database}: {line}\n")
            sys.stdout.flush()
            short += not line.met
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
