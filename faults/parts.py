"""The parts in their order, on the database that is open now."""

import argparse
from collections.abc import Iterator
from dataclasses import replace

from faults import kills, races, scene, sendings, year
from faults.databases import Database
from prove.measures import Measure

PEOPLE = 12
SENDINGS = 300
AT_RACES = 200  # so that nobody's record grows long


def lines(database: Database, asked: argparse.Namespace) -> Iterator[Measure]:
    """Every measure of the parts that were asked for."""
    made = scene.make(PEOPLE if asked.part in ("kills", "sendings") else AT_RACES)
    few = replace(made, episodes=made.episodes[:PEOPLE])
    if asked.part in ("all", "kills"):
        yield from kills.measures(few, database.home, asked.kills)
    if asked.part in ("all", "sendings"):
        yield from sendings.measures(few, database, SENDINGS)
    if asked.part in ("all", "races"):
        rest = made.episodes[PEOPLE:] if asked.part == "all" else made.episodes
        yield from races.measures(replace(made, episodes=rest), asked.races)
    if asked.part in ("all", "year"):
        yield from year.measures(made, asked.days)
