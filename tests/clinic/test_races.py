"""Two at once: exactly one wins. Real processes on a real file, as in a service with workers."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HANDS = 4
SETUP = """
import json, sys, time
from datetime import UTC, date, datetime
import django
django.setup()
from django.core.management import call_command
from stepwell.clinic.accounts import consents, people
from stepwell.clinic.accounts.models import ConsentKind, User
from stepwell.clinic.care import acts, check_ins, decisions, episodes, plans
from stepwell.clinic.care.models import *
AT = datetime(2026, 12, 1, 20, 0, tzinfo=UTC)
DAY = date(2026, 12, 1)
"""
GIVEN = """
call_command("migrate", verbosity=0)
service = people.open_service(
    name="Demo", country="GB", time_zone="Europe/London", at=AT, is_demo=True
)
def member(name, role):
    return people.create(
        service=service, username=name, display_name=name, role=role, at=AT, demo=True
    )
rowan, sam = member("rowan", "person"), member("sam", "keyworker")
for n in range(4):
    member(f"osei-{n}", "prescriber")
for kind in ConsentKind:
    consents.set(rowan, kind, given=True, by=rowan, at=AT)
episode = episodes.open(
    person=rowan, keyworker=sam, supply="non_prescribed", goal="none", by=sam, at=AT
)
episodes.record_baseline(
    episode, amount_low_mg=2650, amount_high_mg=2650, times_per_day=6, days_per_week=7,
    smallest_unit_mg=50, by=sam, at=AT,
)
for gate in episodes.catalogue_of_gates():
    episodes.answer_gate(episode, gate.name, "no", by=rowan, at=AT)
request = {"start": "2026-12-01", "baseline": {"amount_mg": 2650}}
plan = plans.draft(
    episode, request, rationale="x", person_may=["hold"], usual_score=2,
    review_by=date(2027, 1, 1), stop_now_discussed=True, by=sam, at=AT,
)
"""
AGREED = """
plan = plans.approve(plan, by=User.objects.get(username="osei-0"), at=AT, expected_version=1)
plans.agree(plan, start=DAY, teach_back=["x"], by=rowan, at=AT)
"""
FROZEN = """
told = {"used": None, "answers": {}, "flags": ["jaundice"]}
check_ins.record(episode, told, on=DAY, event_id="flag", by=rowan, at=AT)
"""
# Every hand waits for the same moment, then reaches for the same thing.
HAND = """
number = int(sys.argv[1])
me = User.objects.get(username=f"osei-{number}")
rowan = User.objects.get(username="rowan")
episode = Episode.objects.get()
plan, review = PlanVersion.objects.get(), Review.objects.filter(status="open").first()
print("ready", flush=True)
sys.stdin.readline()
try:
    won = reach()
except Exception as error:
    won = f"{type(error).__name__}: {error}"
print(json.dumps(won), flush=True)
"""


class Race:
    """One database in a folder of its own, and as many processes as hands."""

    def __init__(self, home: Path) -> None:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("STEPWELL_", "COVER"))}
        settings = {"DJANGO_SETTINGS_MODULE": "stepwell.clinic.settings"}
        self.env = {**clean, **settings, "STEPWELL_HOME": str(home)}

    def given(self, *code: str) -> None:
        subprocess.run(
            [sys.executable, "-c", "".join([SETUP, GIVEN, *code])],
            env=self.env,
            check=True,
            timeout=120,
        )

    def ask(self, expression: str) -> Any:
        code = f"{SETUP}\nprint(json.dumps({expression}))"
        answer = subprocess.run(
            [sys.executable, "-c", code],
            env=self.env,
            check=True,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return json.loads(answer.stdout)

    def run(self, reach: str) -> list[Any]:
        """What each hand got: True, or the reason why not."""
        code = f"{SETUP}\ndef reach():\n    {reach}\n    return True\n{HAND}"
        hands = [
            subprocess.Popen(
                [sys.executable, "-c", code, str(number)],
                env=self.env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for number in range(HANDS)
        ]
        for hand in hands:
            assert hand.stdout is not None
            assert hand.stdout.readline() == "ready\n"
        for hand in hands:
            assert hand.stdin is not None
            hand.stdin.write("go\n")
            hand.stdin.flush()
        return [json.loads(hand.communicate(timeout=120)[0]) for hand in hands]


@pytest.fixture
def race(tmp_path: Path) -> Race:
    return Race(tmp_path)


@pytest.mark.slow
def test_of_four_approvals_at_once_exactly_one_wins(race: Race) -> None:
    race.given()
    got = race.run("plans.approve(plan, by=me, at=AT, expected_version=1)")
    assert got.count(True) == 1, got
    winner = race.ask("PlanVersion.objects.get().approved_by.display_name")
    lost = [one for one in got if one is not True]
    assert lost == [f"Outdated: {winner} has approved version 1 already."] * (HANDS - 1)


@pytest.mark.slow
def test_of_four_decisions_at_once_exactly_one_wins(race: Race) -> None:
    race.given(AGREED, FROZEN)
    got = race.run("decisions.decline(review, reason='Seen.', by=me, at=AT)")
    assert got.count(True) == 1, got
    winner = race.ask("Decision.objects.get().by.display_name")
    lost = [one for one in got if one is not True]
    assert lost == [f"AlreadyDecided: {winner} has decided: decline."] * (HANDS - 1)
    assert race.ask("Event.objects.filter(kind='resume').count()") == 1


@pytest.mark.slow
def test_one_check_in_sent_four_times_at_once_is_one(race: Race) -> None:
    race.given(AGREED)
    got = race.run(
        "check_ins.record(episode, {'used': None, 'answers': {}}, on=DAY,"
        " event_id='phone-1', by=rowan, at=AT)"
    )
    assert got == [True] * HANDS
    assert race.ask("Event.objects.filter(kind='check_in').count()") == 1


@pytest.mark.slow
def test_every_one_of_four_check_ins_at_once_is_kept_with_its_number(race: Race) -> None:
    race.given(AGREED)
    got = race.run(
        "check_ins.record(episode, {'used': None, 'answers': {}}, on=DAY,"
        " event_id=f'phone-{number}', by=rowan, at=AT)"
    )
    assert got == [True] * HANDS
    numbers = race.ask("list(Event.objects.values_list('sequence', flat=True))")
    assert numbers == list(range(numbers[0], numbers[0] + HANDS))
