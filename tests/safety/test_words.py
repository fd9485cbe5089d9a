"""What is said: the words and settings that the hazard log counts as controls."""

import ast
import json
from pathlib import Path
from typing import Any

from stepwell.clinic import settings

ROOT = Path(__file__).parents[2]
CLINIC = ROOT / "src" / "stepwell" / "clinic"
WORDS: Any = json.loads(
    (ROOT / "src" / "stepwell" / "data" / "wording" / "en.json").read_text(encoding="utf-8")
)


def text(*parts: str) -> str:
    return ROOT.joinpath(*parts).read_text(encoding="utf-8")


def test_no_form_localises_a_number() -> None:
    assert not settings.USE_THOUSAND_SEPARATOR
    for path in sorted(CLINIC.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                assert not any(one.arg == "localize" for one in node.keywords), path.name


def test_the_words_say_that_nothing_is_caught_up() -> None:
    assert "nothing to catch up" in WORDS["rules"]["hold_when_over_the_ceiling"]["person"]


def test_the_words_say_that_a_usual_amount_hits_harder_after_a_break() -> None:
    for rule in ("finish_when_ketamine_free", "review_when_tolerance_has_fallen"):
        assert "hit you harder" in WORDS["rules"][rule]["person"]


def test_less_and_none_are_always_fine_beside_the_amount() -> None:
    page = text("src", "stepwell", "clinic", "templates", "person", "_standing.html")
    assert "Less is always fine." in page
    assert "None is always fine." in page


def test_nobody_is_told_to_stop_alcohol_or_sedatives_suddenly() -> None:
    frozen = WORDS["frozen"]["with_alcohol_benzodiazepines_or_ghb"]
    assert any(line.startswith("Do not suddenly stop drinking") for line in frozen["lines"])
    assert set(frozen["when_gates"]) == {
        "alcohol_dependence",
        "benzodiazepine_dependence",
        "ghb_dependence",
    }


def test_the_frozen_words_never_ask_anybody_to_use() -> None:
    for frozen in WORDS["frozen"].values():
        assert "You do not need to wait to use less." in frozen["lines"]
        assert "Please do not use more than you have been using." in frozen["lines"]


def test_the_intended_use_says_what_it_is_not_for() -> None:
    page = text("INTENDED_USE.md")
    for said in (
        "Not approved for clinical use",
        "treat it as a medical device",
        "Starting ketamine, using more",
        "Proof for courts",
        "grams are not dose",
    ):
        assert said in page, said


def test_the_changelog_says_what_changes_what_is_recommended() -> None:
    for release in text("CHANGELOG.md").split("\n## ")[1:]:
        assert "### Changes what is recommended" in release
