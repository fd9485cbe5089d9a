"""The small language of the decision table: read once, compiled once to plain functions.

    expression  one if condition else another; or, and, not; = != < <= > >=; `set has member`;
                `x is set`, `x is not set`, `x is empty`, `x is not empty`; + - * //
    names       a fact of the day, a word the table defined above, `it` inside a list function,
                `[limit]` for a number of the protocol, a constant the caller allows
    functions   min, max, size, newest(n, list), latest(list), days_between(from, to),
                any(list, condition), every(...), count(...), mean(list, value)

There is no way to reach Python from it: an unknown name is refused when the table is read.
"""

import operator
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any


class TableError(Exception):
    """The table cannot be read; the text names the place."""


@dataclass(slots=True)
class Day:
    """What an expression may see: the facts, the protocol's numbers, and the words worked out."""

    facts: Any
    limits: Mapping[str, int]
    known: dict[str, Any] = field(default_factory=dict)
    it: Any = None


Meaning = Callable[[Day], Any]


@dataclass(frozen=True, slots=True)
class Told:
    """One entry of a mapping: which item, and what was told."""

    item: str
    told: int


@dataclass(frozen=True, slots=True)
class Names:
    """The names a table may use: facts, limits, words defined so far, and constants."""

    facts: Collection[str]
    limits: Collection[str]
    words: Mapping[str, Meaning]
    constants: Collection[str]


_TOKEN = re.compile(r"\s*(\[\w+\]|\w+|<=|>=|!=|//|[-+*<>=(),.])")
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "has": lambda many, one: one in many,
}
_RESERVED = {"and", "or", "not", "if", "else", "is", "has", "set", "empty"}


def compiled(text: str, names: Names) -> Meaning:
    """The function an expression stands for. Raises TableError naming what is not understood."""
    reader = _Reader(_tokens(text), names)
    meaning = reader.expression()
    if reader.ahead is not None:
        raise TableError(f"did not expect {reader.ahead!r} in: {text}")
    return meaning


def _tokens(text: str) -> list[str]:
    found = []
    place = 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if match is None:
            raise TableError(f"cannot read {text[place:].strip()!r}")
        found.append(match[1])
        place = match.end()
    return found


class _Reader:
    """A recursive descent over the tokens, one method for each level of binding."""

    def __init__(self, tokens: Sequence[str], names: Names) -> None:
        self._tokens = tokens
        self._names = names
        self._place = 0

    @property
    def ahead(self) -> str | None:
        return self._tokens[self._place] if self._place < len(self._tokens) else None

    def expression(self) -> Meaning:
        first = self._either()
        if not self._took("if"):
            return first
        condition = self._either()
        self._must("else")
        other = self.expression()
        return lambda day: first(day) if condition(day) else other(day)

    def _either(self) -> Meaning:
        parts = [self._both()]
        while self._took("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else _any_of(parts)

    def _both(self) -> Meaning:
        parts = [self._negated()]
        while self._took("and"):
            parts.append(self._negated())
        return parts[0] if len(parts) == 1 else _all_of(parts)

    def _negated(self) -> Meaning:
        if not self._took("not"):
            return self._compared()
        inner = self._negated()
        return lambda day: not inner(day)

    def _compared(self) -> Meaning:
        left = self._sum()
        if self._took("is"):
            return self._is(left)
        if self.ahead not in _COMPARISONS:
            return left
        compare = _COMPARISONS[self._next()]
        right = self._sum()
        return lambda day: compare(left(day), right(day))

    def _is(self, left: Meaning) -> Meaning:
        wanted = not self._took("not")
        if self._took("set"):
            return lambda day: (left(day) is not None) is wanted
        self._must("empty")
        return lambda day: (len(left(day)) == 0) is wanted

    def _sum(self) -> Meaning:
        left = self._product()
        while self.ahead in ("+", "-"):
            left = _joined(_plus if self._next() == "+" else operator.sub, left, self._product())
        return left

    def _product(self) -> Meaning:
        left = self._part()
        while self.ahead in ("*", "//"):
            sign = operator.mul if self._next() == "*" else operator.floordiv
            left = _joined(sign, left, self._part())
        return left

    def _part(self) -> Meaning:
        meaning = self._atom()
        while self._took("."):
            meaning = _of(meaning, self._name())
        return meaning

    def _atom(self) -> Meaning:
        if self._took("("):
            inner = self.expression()
            self._must(")")
            return inner
        token = self._next()
        if token.isdigit():
            return _always(int(token))
        if token.startswith("["):
            return self._limit(token[1:-1])
        if self.ahead == "(" and token not in _RESERVED:
            return self._function(token)
        return self._named(token)

    def _limit(self, name: str) -> Meaning:
        if name not in self._names.limits:
            raise TableError(f"the protocol has no limit [{name}]")
        return lambda day: day.limits[name]

    def _named(self, name: str) -> Meaning:
        if name in self._names.words:
            return _word(name, self._names.words[name])
        if name in self._names.facts:
            return lambda day: getattr(day.facts, name)
        if name in self._names.constants:
            return _always(name)
        if name in _FIXED:
            return _FIXED[name]
        raise TableError(f"there is no fact, word or limit {name!r}")

    def _function(self, name: str) -> Meaning:
        self._must("(")
        arguments = [self.expression()]
        while self._took(","):
            arguments.append(self.expression())
        self._must(")")
        if name not in _FUNCTIONS:
            raise TableError(f"there is no function {name!r}")
        return _FUNCTIONS[name](*arguments)

    def _name(self) -> str:
        token = self._next()
        if not token.isidentifier() or token.startswith("_"):
            raise TableError(f"{token!r} is not the name of a part")
        return token

    def _next(self) -> str:
        if self.ahead is None:
            raise TableError("the expression ends too soon")
        self._place += 1
        return self._tokens[self._place - 1]

    def _took(self, token: str) -> bool:
        if self.ahead != token:
            return False
        self._place += 1
        return True

    def _must(self, token: str) -> None:
        if not self._took(token):
            raise TableError(f"expected {token!r}, found {self.ahead!r}")


def _any_of(parts: Sequence[Meaning]) -> Meaning:
    def either(day: Day) -> bool:
        for part in parts:  # noqa: SIM110 — a generator would take half as long again
            if part(day):
                return True
        return False

    return either


def _all_of(parts: Sequence[Meaning]) -> Meaning:
    def both(day: Day) -> bool:
        for part in parts:  # noqa: SIM110 — see above
            if not part(day):
                return False
        return True

    return both


def _joined(sign: Callable[[Any, Any], Any], left: Meaning, right: Meaning) -> Meaning:
    return lambda day: sign(left(day), right(day))


def _plus(left: Any, right: Any) -> Any:
    return left + timedelta(days=right) if isinstance(left, date) else left + right


def _of(whole: Meaning, part: str) -> Meaning:
    return lambda day: getattr(whole(day), part)


def _always(value: Any) -> Meaning:
    return lambda _: value


def _word(name: str, meaning: Meaning) -> Meaning:
    """A word is worked out once for a day, however many rows use it."""

    def worked_out(day: Day) -> Any:
        if name not in day.known:
            day.known[name] = meaning(day)
        return day.known[name]

    return worked_out


def _entries(many: Any) -> Any:
    return [Told(*entry) for entry in many.items()] if isinstance(many, Mapping) else many


def _each(many: Meaning, inner: Meaning, day: Day) -> Iterator[Any]:
    before = day.it
    for one in _entries(many(day)):
        day.it = one
        yield inner(day)
        day.it = before


def _any(many: Meaning, condition: Meaning) -> Meaning:
    return lambda day: sum(map(bool, _each(many, condition, day))) > 0


def _every(many: Meaning, condition: Meaning) -> Meaning:
    return lambda day: all(list(_each(many, condition, day)))


def _count(many: Meaning, condition: Meaning) -> Meaning:
    return lambda day: sum(map(bool, _each(many, condition, day)))


def _mean(many: Meaning, value: Meaning) -> Meaning:
    def mean(day: Day) -> Fraction:
        values = list(_each(many, value, day))
        return Fraction(sum(values)) / len(values)

    return mean


def _newest(number: Meaning, many: Meaning) -> Meaning:
    """Lists of days have the newest first."""
    return lambda day: many(day)[: number(day)]


def _least(*values: Meaning) -> Meaning:
    return lambda day: min([value(day) for value in values])


def _most(*values: Meaning) -> Meaning:
    return lambda day: max([value(day) for value in values])


def _days_between(start: Meaning, end: Meaning) -> Meaning:
    return lambda day: (end(day) - start(day)).days


_FIXED: Mapping[str, Meaning] = {
    "yes": lambda _: True,
    "nothing": lambda _: None,
    "it": lambda day: day.it,
}
_FUNCTIONS: Mapping[str, Callable[..., Meaning]] = {
    "min": _least,
    "max": _most,
    "size": lambda many: lambda day: len(many(day)),
    "newest": _newest,
    "latest": lambda many: lambda day: many(day)[0],
    "days_between": _days_between,
    "any": _any,
    "every": _every,
    "count": _count,
    "mean": _mean,
}
