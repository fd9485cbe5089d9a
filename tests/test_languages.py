"""The languages: nothing is missing from a draft, and nothing in it is read before it may be."""

import gettext
import re
from collections import defaultdict
from io import BytesIO

import pytest
from babel.messages.catalog import Message

from languages import catalogue, collect, reading
from languages.catalogue import SAFETY, Entry, NotReviewed
from stepwell.clinic import settings

DRAFTS = catalogue.languages()
OUTING = re.compile(
    r"ketamin|\bK\b|K仔|氯胺酮|毒|癮|藥物濫用|濫藥|drug|addict|clean|relapse", re.IGNORECASE
)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|{\w+}|</?\w+[^>]*>")


@pytest.fixture(scope="module")
def found() -> list[Entry]:
    return catalogue.entries(collect.for_the_person())


def test_every_language_that_is_offered_has_a_catalogue() -> None:
    offered = {code for code, _ in settings.LANGUAGES} - {"en"}
    assert offered == {one.replace("_", "-").lower() for one in DRAFTS}


def said_in(one: Message) -> list[str]:
    return [one.string] if isinstance(one.string, str) else list(one.string or ())


@pytest.mark.parametrize("locale", DRAFTS)
class TestADraft:
    def test_it_has_every_text_of_today_and_no_other(self, locale: str, found: list[Entry]) -> None:
        stored = catalogue.text_of(catalogue.merged(locale, found))
        assert catalogue.po(locale).read_bytes() == stored, "run `make words`"

    def test_the_compiled_file_is_the_catalogue(self, locale: str) -> None:
        reviewed = bool(catalogue.review(locale)["reviewer"])
        made = catalogue.compiled(catalogue.stored(locale), reviewed=reviewed)
        assert catalogue.po(locale).with_suffix(".mo").read_bytes() == made, "run `make words`"

    def test_it_says_all_but_safety_text(self, locale: str, found: list[Entry]) -> None:
        made = catalogue.merged(locale, found)
        assert [one.id for one in catalogue.missing(made)] == []

    def test_safety_text_stays_english_until_a_reviewer_is_recorded(
        self, locale: str, found: list[Entry]
    ) -> None:
        if catalogue.review(locale)["reviewer"]:
            pytest.skip("reviewed")
        compiled = gettext.GNUTranslations(
            BytesIO(catalogue.po(locale).with_suffix(".mo").read_bytes())
        )
        safety = [one for one in found if one.is_safety]
        assert len(safety) > 700
        for one in safety:
            assert compiled.gettext(one.english) == one.english

    def test_each_translation_keeps_its_placeholders(self, locale: str) -> None:
        for one in catalogue.translated(catalogue.stored(locale)):
            english = one.id[-1] if isinstance(one.id, tuple | list) else one.id
            for said in said_in(one):
                assert sorted(PLACEHOLDER.findall(said)) == sorted(PLACEHOLDER.findall(english))

    def test_no_translation_outs_anybody(self, locale: str) -> None:
        for one in catalogue.translated(catalogue.stored(locale)):
            for said in said_in(one):
                assert OUTING.search(said) is None, said


def test_a_safety_text_that_nobody_has_read_cannot_be_compiled(found: list[Entry]) -> None:
    made = catalogue.merged("zh_Hant", found)
    one = next(one for one in made if SAFETY in one.auto_comments and isinstance(one.id, str))
    one.string = "…"
    with pytest.raises(NotReviewed, match="1 safety texts"):
        catalogue.compiled(made, reviewed=False)
    assert catalogue.compiled(made, reviewed=True)


@pytest.mark.parametrize(
    ("english", "place"),
    [
        ("Stay under about %(mg)s.", "templates/person/today.html"),
        ("In danger, use Help.", "templates/person/messages.html"),
        ("A court can order it too.", "templates/person/start.html"),
        ("Do you drink most days?", "data/gates.json#gates"),
        ("Little interest or pleasure in doing things", "data/questionnaires/phq9.json#items"),
    ],
)
def test_amounts_danger_privacy_and_validated_questions_are_safety_text(
    english: str, place: str
) -> None:
    assert collect.is_safety(english, (place,))


def test_what_stands_in_one_safety_place_is_safety_text_everywhere() -> None:
    places = ("templates/person/today.html", "templates/person/agreeing.html")
    assert collect.is_safety("You can change this.", places)
    assert not collect.is_safety("You can change this.", places[:1])
    assert not collect.is_safety("Save", places)


# --- how easily it is read ----------------------------------------------------------------------

OLDEST = 11
ENOUGH = 5  # sentences, so that one long word does not make an age


def test_every_page_and_file_for_the_person_is_read_at_eleven_or_younger(
    found: list[Entry],
) -> None:
    ours = [one for one in found if not one.places[0].startswith("data/questionnaires")]
    by_place: dict[str, list[str]] = defaultdict(list)
    for one in ours:
        by_place[one.places[0].partition("#")[0]].append(one.english)
    ages = {place: reading.of(said) for place, said in by_place.items()}
    old = {p: round(r.age, 1) for p, r in ages.items() if r.sentences >= ENOUGH and r.age > OLDEST}
    assert old == {}
    assert sum(r.sentences >= ENOUGH for r in ages.values()) > 40
    assert reading.of(one.english for one in ours).age < 9


@pytest.mark.parametrize(
    ("said", "youngest", "oldest"),
    [
        ("You can stop at any time. Your team will help you. It is fine to wait.", 3, 7),
        (
            "Cystectomy is occasionally recommended where conservative management is inadequate.",
            18,
            40,
        ),
    ],
)
def test_plain_words_are_read_young_and_learned_ones_old(
    said: str, youngest: int, oldest: int
) -> None:
    assert youngest <= reading.of([said]).age <= oldest
