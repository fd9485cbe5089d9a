"""How easily English text is read: the age at which a school year reads it, by Flesch and Kincaid.

Kincaid 1975: grade = 0.39 words a sentence + 11.8 syllables a word - 15.59; a child is about five
years older than the grade. Syllables are counted by Pyphen's places to break a word and by groups
of vowels, and the higher count is taken, so that the age is rather too high than too low.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pyphen

_PARTS = pyphen.Pyphen(lang="en_GB", left=1, right=1)
_SENTENCE_ENDS = re.compile(r"(?<=[.?!:;])\s+|\n+")
_NO_WORDS = re.compile(r"%\(\w+\)[sd]|{[^}]*}|<[^>]*>|[^\w\s’'.?!:;-]")


@dataclass(frozen=True, slots=True)
class Reading:
    """How much was read, and at which age."""

    sentences: int
    words: int
    syllables: int

    @property
    def age(self) -> float:
        grade = 0.39 * self.words / self.sentences + 11.8 * self.syllables / self.words - 15.59
        return grade + 5


def of(texts: Iterable[str]) -> Reading:
    """All of these together. Labels of one or two words are read at a glance and left out."""
    told = [sentence for text in texts for sentence in sentences(text)]
    words = [word for sentence in told for word in sentence]
    return Reading(len(told), len(words), sum(syllables(word) for word in words))


def sentences(text: str) -> list[list[str]]:
    """The words of each sentence with three words or more."""
    found = (
        re.findall(r"[^\W\d_][\w’'-]*", s) for s in _SENTENCE_ENDS.split(_NO_WORDS.sub(" ", text))
    )
    return [words for words in found if len(words) > 2]


def syllables(word: str) -> int:
    """The higher of two counts: where it may be broken, and its groups of vowels."""
    broken = len(_PARTS.positions(word.lower())) + 1
    sounded = re.sub(r"(?<=[^aeiouyl])e(s|d)?$", "", word.lower())
    return max(broken, len(re.findall(r"[aeiouy]+", sounded)), 1)
