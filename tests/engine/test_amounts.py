"""Amounts are exact or refused; nothing is guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.engine import amounts
from stepwell.engine.amounts import AmountRange
from stepwell.engine.errors import InputError
from tests.engine.histories import QUICK

READ = {
    "2650 mg": (2650, 2650),
    "2650mg": (2650, 2650),
    "2.65 g": (2650, 2650),
    "0.5 g": (500, 500),
    "0 mg": (0, 0),
    "1.8-2.2 g": (1800, 2200),
    "1.8 - 2.2 g": (1800, 2200),
    " 100-100 mg ": (100, 100),
    "0.0005 g": None,
    "1.5 mg": None,
}
UNCLEAR = {
    "": "clear",
    "2650": "clear",
    "2.65 grams": "clear",
    "mg": "clear",
    "-5 mg": "clear",
    "+5 mg": "clear",
    "1e3 mg": "clear",
    "007 mg": "clear",
    ".5 g": "clear",
    "5. g": "clear",
    "2 650 mg": "clear",
    "1-2-3 g": "clear",
    "1.8 g - 2.2 g": "clear",
    "٢ g": "clear",
    "nan g": "clear",
    "a bump": "clear",
    "5 µg": "clear",
    "2,65 g": "comma",
    "2,650 mg": "comma",
    "1.500 g": "two things",
    "1.500 mg": "two things",
    "2.2-1.8 g": "upside down",
    "0.0001 g": "no finer",
    "0.5 mg": "no finer",
}


@pytest.mark.parametrize(("text", "ends"), [(t, e) for t, e in READ.items() if e])
def test_an_exact_amount_is_read(text: str, ends: tuple[int, int]) -> None:
    read = amounts.parse(text)
    assert (read.low_mg, read.high_mg) == ends


@pytest.mark.parametrize(("text", "why"), UNCLEAR.items())
def test_an_unclear_amount_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(InputError) as refused:
        amounts.parse(text)
    assert why in refused.value.faults[0].text
    assert refused.value.faults[0].path == ""


def test_a_decimal_comma_is_refused_with_how_to_write_it() -> None:
    with pytest.raises(InputError, match=r"Write a point: 0\.5 g"):
        amounts.parse("0,5 g")


def test_an_exact_amount_is_shown_as_one_number_and_a_range_as_two() -> None:
    assert amounts.show(AmountRange(2650, 2650)) == "2650 mg"
    assert amounts.show(AmountRange(1800, 2200)) == "1800-2200 mg"


@QUICK
@given(st.integers(0, 40_000), st.integers(0, 40_000))
def test_what_is_shown_reads_back_the_same(low: int, more: int) -> None:
    amount = AmountRange(low, low + more)
    assert amounts.parse(amounts.show(amount)) == amount


@QUICK
@given(st.text(max_size=12))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read = amounts.parse(text)
    except InputError:
        return
    assert 0 <= read.low_mg <= read.high_mg


@pytest.mark.parametrize(
    ("ends", "path"),
    [
        ((-1, 5), "low"),
        ((5, 4), ""),
        ((True, 5), "low"),
        ((1.5, 2), "low"),
        ((1, 2.0), "high"),
        (("1", 2), "low"),
    ],
)
def test_an_impossible_range_cannot_be_built(ends: tuple[int, int], path: str) -> None:
    with pytest.raises(InputError) as refused:
        AmountRange(*ends)
    assert [fault.path for fault in refused.value.faults] == [path]


@pytest.mark.parametrize(
    ("ends", "split"),
    [((1000, 2000), True), ((1001, 2000), False), ((500, 1000), False), ((1000, 1000), False)],
)
def test_a_range_is_split_only_when_the_ceiling_lies_inside(
    ends: tuple[int, int], split: bool
) -> None:
    assert AmountRange(*ends).is_split_by(1000) is split
