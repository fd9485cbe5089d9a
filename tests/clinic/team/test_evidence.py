"""What is known: the page, the data and the document say the same."""

import re
from pathlib import Path

from django.test import Client
from django.urls import reverse

from stepwell import catalogue
from tests.clinic.team.reading import text

DOCUMENT = Path(__file__).parents[3] / "docs" / "evidence.md"


def plain(words: str) -> str:
    return re.sub(r"\*+", "", words).strip()


def rows() -> list[list[str]]:
    """The rows of the document's table of claims."""
    found = re.findall(r"^\| (\d+ \|.*) \|$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    return [[plain(cell) for cell in row.split(" | ")] for row in found]


def test_the_data_holds_every_claim_of_the_document_word_for_word() -> None:
    claims = catalogue.document("evidence.json")["claims"]
    told = [[str(c["number"]), c["claim"], c["grade"], c["found"]] for c in claims]
    assert told == rows()
    assert len(told) == 16


def test_the_page_shows_every_claim_every_number_and_that_the_evidence_is_low(
    rowans_phone: Client,
) -> None:
    said = text(rowans_phone.get(reverse("evidence")))
    assert "The evidence for tapering ketamine is low." in said
    for _number, claim, grade, found in rows():
        assert claim in said
        assert grade in said
        assert found in said
    limits = catalogue.document("protocols", "ketamine.json")["limits"]
    for limit in limits.values():
        assert limit["source"] in said
