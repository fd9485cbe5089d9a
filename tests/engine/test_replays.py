"""Stored decisions are answered as they were, and a change in them cannot go unnoticed."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from prove import cases, corpus, replays
from prove.corpus import Stored, Version
from prove.measures import Measure
from stepwell import catalogue
from stepwell.engine import decide, rules, wire
from stepwell.engine.errors import InputError

SHARE = 0.04
NAMED = """
## Unreleased
### Changes what is recommended
- {unreleased}
### Other changes

## 2.0.0
### Changes what is recommended
- {released}
"""
HERE = replays.here()
SAID_HERE = "Engine {} with protocol `ketamine` {}".format(HERE.engine, HERE.protocols["ketamine"])


def changelog(unreleased: str = "nothing", released: str = "nothing") -> str:
    return NAMED.format(unreleased=unreleased, released=released)


def under(engine: str, changed: int = 0, protocol: str | None = None) -> Version:
    version = protocol or HERE.protocols["ketamine"]
    return Version(engine, {"ketamine": version}, changed)


def verdicts(measures: list[Measure]) -> list[bool]:
    return [measure.met for measure in measures]


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """A corpus of its own: the first stored decisions of the real one."""
    path = tmp_path / "few.jsonl.xz"
    corpus.write(stored(range(200, 212)), [HERE], path)
    return path


def stored(numbers: range) -> list[Stored]:
    found = list(corpus.lines(most=numbers.stop))
    return [corpus.read(found[number]) for number in numbers]


def change_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "calm_line", lambda s: 0)


# --- asking again -----------------------------------------------------------------------------


def test_stored_decisions_are_byte_for_byte_what_they_were() -> None:
    measures = replays.run(SHARE)
    assert verdicts(measures) == [True] * 4, [str(measure) for measure in measures]


@pytest.mark.slow
def test_a_changed_rule_is_noticed_and_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    change_an_answer(monkeypatch)
    measures = replays.run(0.02)
    assert verdicts(measures)[:2] == [True, False]
    told = capsys.readouterr().err
    assert "line " in told
    assert "limit: 3 -> 0" in told
    assert "Changes what is recommended" in told


def test_other_bytes_of_the_same_answer_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "dumps", lambda answer: repr(answer))
    [one] = stored(range(200, 201))
    assert replays.differs(one) == "the same answer, written in other bytes"


def test_a_refusal_of_what_was_answered_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise InputError.at("plan", "no longer fits")

    monkeypatch.setitem(corpus.ASKED, "decide", refuse)
    [one] = stored(range(200, 201))
    assert "no longer fits" in (replays.differs(one) or "")


def test_an_edited_answer_is_noticed(few: Path) -> None:
    first, *rest = [corpus.read(line) for line in corpus.lines(few)]
    corpus.write([replace(first, answer={**first.answer, "level": 9}), *rest], [HERE], few)
    assert replays.compared(few, 12).differed == 1


def test_too_few_stored_decisions_are_short(few: Path) -> None:
    assert verdicts(replays.run(0.01, few))[0] is False
    assert verdicts(replays.run(0.0012, few))[0] is True


def test_a_corpus_in_which_a_rule_never_speaks_is_short(few: Path) -> None:
    assert verdicts(replays.run(0.0012, few))[2] is False


def test_one_line_can_be_shown(few: Path) -> None:
    assert replays.show(2, few).endswith("now: the same")


# --- versions and the changelog ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("versions", "log", "fault"),
    [
        ([HERE], changelog(SAID_HERE), None),
        ([HERE], changelog(released=SAID_HERE), None),
        ([HERE], changelog(), "names no"),
        ([HERE], "## Unreleased\n### Other changes\n- " + SAID_HERE, "names no"),
        ([under("0.9.0"), under(HERE.engine)], changelog("Engine 0.9.0"), "names no"),
        ([under("9.9.9")], changelog(SAID_HERE), "this is"),
        ([under(HERE.engine, protocol="0.0.1")], changelog(SAID_HERE), "this is"),
        ([HERE, under("1.1.0", changed=2), HERE], changelog(SAID_HERE), "raise a first number"),
        ([HERE, under("2.0.0", changed=2), HERE], changelog(SAID_HERE), "names no"),
    ],
)
def test_the_version_the_stored_answers_and_the_changelog_agree(
    versions: list[Version], log: str, fault: str | None
) -> None:
    found = replays.version_faults(versions, log)
    assert bool(found) is (fault is not None), found
    assert fault is None or any(fault in one for one in found)


def test_the_measure_of_the_version_turns_short(monkeypatch: pytest.MonkeyPatch, few: Path) -> None:
    monkeypatch.setattr(decide, "VERSION", "7.0.0")
    assert verdicts(replays.run(0.0012, few))[3] is False


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        (under("1.0.0"), under("2.0.0"), True),
        (under("1.0.0"), under("1.9.9"), False),
        (under("2.0.0"), under("1.0.0"), False),
        (under("1.0.0", protocol="1.0.0"), under("1.0.0", protocol="1.0.1"), True),
        (under("1.0.0", protocol="1.10.0"), under("1.0.1", protocol="1.9.0"), False),
    ],
)
def test_an_answer_may_change_under_a_new_major_version_or_protocol_only(
    before: Version, after: Version, allowed: bool
) -> None:
    assert replays.may_change(before, after) is allowed


# --- storing anew -----------------------------------------------------------------------------


def writes(few: Path, log: str) -> Callable[[], str]:
    path = few.with_name("CHANGELOG.md")
    path.write_text(log, encoding="utf-8")
    return lambda: replays.write(few, path)


def test_the_same_answers_are_stored_again_as_the_same_bytes(few: Path) -> None:
    before = few.read_bytes()
    assert writes(few, changelog(released=SAID_HERE))() == "12 answers stored, 0 of them changed"
    assert few.read_bytes() == before


def test_a_change_under_a_released_version_is_not_stored(
    few: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = few.read_bytes()
    change_an_answer(monkeypatch)
    with pytest.raises(SystemExit, match="not written"):
        writes(few, changelog(released=SAID_HERE))()
    assert few.read_bytes() == before


def test_a_change_under_an_unreleased_version_is_stored(
    few: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_an_answer(monkeypatch)
    assert "0 of them" not in writes(few, changelog(SAID_HERE))()
    assert corpus.versions(few) == [HERE]
    assert replays.compared(few, 12).differed == 0


@pytest.mark.parametrize(("version", "stored_anew"), [("1.0.1", False), ("2.0.0", True)])
def test_a_change_is_stored_under_a_new_major_version_only(
    few: Path, monkeypatch: pytest.MonkeyPatch, version: str, stored_anew: bool
) -> None:
    change_an_answer(monkeypatch)
    monkeypatch.setattr(decide, "VERSION", version)
    if not stored_anew:
        with pytest.raises(SystemExit, match="not written"):
            writes(few, changelog(released=SAID_HERE))()
        return
    writes(few, changelog(released=SAID_HERE))()
    assert [one.engine for one in corpus.versions(few)] == [HERE.engine, version]
    assert corpus.versions(few)[-1].changed > 0


def test_a_patch_that_changes_nothing_is_stored_with_its_version(
    few: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decide, "VERSION", "1.0.1")
    assert "0 of them changed" in writes(few, changelog(released=SAID_HERE))()
    assert corpus.versions(few) == [HERE, under("1.0.1")]


@pytest.mark.slow
def test_other_questions_are_drawn_only_while_every_answer_is_unchanged(few: Path) -> None:
    assert replays.draw(few, 20) == "20 decisions drawn"
    first, *rest = [corpus.read(line) for line in corpus.lines(few)]
    corpus.write([replace(first, answer={**first.answer, "level": 9}), *rest], [HERE], few)
    with pytest.raises(SystemExit, match="not drawn"):
        replays.draw(few)


# --- drawing ----------------------------------------------------------------------------------


def test_the_same_dice_draw_the_same_case() -> None:
    protocol = catalogue.protocols()["ketamine"]
    assert cases.drawn(Random(7), protocol) == cases.drawn(Random(7), protocol)
    assert cases.request(Random(7)) == cases.request(Random(7))


@pytest.mark.parametrize("asks", ["replay", "plan", "outlook"])
def test_what_is_drawn_is_answered(asks: str) -> None:
    assert len(list(replays.others(asks, 5))) == 5
