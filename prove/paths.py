"""Every way through a piece of code, run on values that stand for all values at once.

Each time the code asks whether something is so, an SMT solver says whether it can be true there
and whether it can be false. Where both can be, both ways are walked, each in a run of its own; a
way that cannot be is left out because the solver has refuted it. So a claim that comes out true
on every way is proved for all values, and one that comes out false, or breaks, has a model.

While walking, the solver knows of a product of two unknowns only what orders it among the others:
so it answers at once, and leaves out no way that can be. A claim that comes out false is looked at
again with the products as they are.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import z3

_PATIENCE = 10_000  # milliseconds for one question; after that the answer is "unknown"


class NotMeant(Exception):
    """The values drawn are none that the claim is about."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question the code asked, the way that was walked, and whether the other is open too."""

    term: Any
    way: bool
    open: bool

    @property
    def fact(self) -> Any:
        return self.term if self.way else z3.Not(self.term)


@dataclass(frozen=True, slots=True)
class Given:
    """Something taken as given."""

    term: Any

    @property
    def fact(self) -> Any:
        return self.term


@dataclass(frozen=True, slots=True)
class Divided:
    """A division: its quotient and rest are new names, tied to what was divided."""

    quotient: Any
    rest: Any
    whole: Any
    by: Any
    product: Any

    @property
    def fact(self) -> Any:
        return z3.And(self.whole == self.product + self.rest, self.rest >= 0, self.rest < self.by)


@dataclass(frozen=True, slots=True)
class Multiplied:
    """A product of two unknowns, under a name of its own."""

    product: Any
    one: Any
    other: Any

    @property
    def fact(self) -> Any:
        return self.product == self.one * self.other

    def beside(self, before: "Multiplied") -> list[Any]:
        """What follows for two products with a factor in common."""
        return [
            _in_order(mine, self.product, theirs, before.product, common)
            for mine, common in ((self.one, self.other), (self.other, self.one))
            for theirs, factor in ((before.one, before.other), (before.other, before.one))
            if common.eq(factor)
        ]

    def alone(self) -> list[Any]:
        zero = z3.IntVal(0)
        pairs = ((self.one, self.other), (self.other, self.one))
        return [_in_order(one, self.product, zero, zero, other) for one, other in pairs]


def _in_order(first: Any, product: Any, second: Any, other: Any, factor: Any) -> Any:
    """For a factor of zero or more: the larger number has the product that much larger."""
    less = z3.Implies(first < second, product + factor <= other)
    same = z3.Implies(first == second, product == other)
    more = z3.Implies(first > second, other + factor <= product)
    return z3.Implies(factor >= 0, z3.And(less, same, more))


Entry = Asked | Given | Divided | Multiplied


class Walk:
    """One run of the code: it follows the ways laid out, then takes the first that is open."""

    def __init__(self, ways: tuple[Asked, ...] = ()) -> None:
        self.laid_out = ways
        self.asked: list[Asked] = []
        self.entries: list[Entry] = []
        self.solver = z3.Solver()
        self.solver.set("timeout", _PATIENCE)
        self._names = 0
        self._multiplied: list[Multiplied] = []
        self._known: dict[int, tuple[Any, bool]] = {}  # the term is kept, so that its id stays

    def decides(self, term: Any) -> bool:
        """Whether something is so on this way."""
        if term.get_id() in self._known:
            return self._known[term.get_id()][1]
        asked = self._next(term)
        self.asked.append(asked)
        self._enter(asked)
        self._known[term.get_id()] = term, asked.way
        return asked.way

    def _next(self, term: Any) -> Asked:
        if len(self.asked) < len(self.laid_out):
            laid_out = self.laid_out[len(self.asked)]
            assert laid_out.term.eq(term), "the code does not ask the same each time"
            return laid_out
        yes, no = self._can_be(term), self._can_be(z3.Not(term))
        if not yes and not no:
            raise NotMeant
        return Asked(term, yes, yes and no)

    def _can_be(self, term: Any) -> bool:
        found = self.solver.check(term)
        return bool(found != z3.unsat)

    def holds(self, term: Any) -> None:
        """Take something as given from here on."""
        self._enter(Given(term))

    def parts(self, whole: Any, by: Any) -> tuple[Any, Any]:
        """Quotient and rest of a division by a number above zero."""
        for entry in self.entries:
            if isinstance(entry, Divided) and entry.whole.eq(whole) and entry.by.eq(by):
                return entry.quotient, entry.rest
        quotient, rest = z3.Int(self._name()), (z3.Int if whole.is_int() else z3.Real)(self._name())
        self._enter(Divided(quotient, rest, whole, by, self.product(quotient, by)))
        return quotient, rest

    def product(self, one: Any, other: Any) -> Any:
        """A product, under a name of its own where neither factor is a plain number."""
        plain, one = _apart(one)
        more, other = _apart(other)
        if one is None or other is None:
            left = other if one is None else one
            return z3.IntVal(plain * more) if left is None else plain * more * left
        found = [m for m in self._multiplied if m.one.eq(one) and m.other.eq(other)]
        if not found:
            found = [Multiplied(z3.Int(self._name()), one, other)]
            self._multiply(found[0])
        return plain * more * found[0].product

    def _multiply(self, made: Multiplied) -> None:
        self.entries.append(made)
        self.solver.add(*made.alone())
        for before in self._multiplied:
            self.solver.add(*made.beside(before))
        self._multiplied.append(made)

    def _name(self) -> str:
        self._names += 1
        return f"part_{self._names}"

    def _enter(self, entry: Entry) -> None:
        self.entries.append(entry)
        self.solver.add(entry.fact)


def _apart(term: Any) -> tuple[int, Any]:
    """A term as a plain number times the rest of it; None when there is no rest."""
    if z3.is_int_value(term):
        return term.as_long(), None
    if z3.is_mul(term) and term.num_args() == 2:
        for number, rest in (term.children(), reversed(term.children())):
            if z3.is_int_value(number):
                return number.as_long(), rest
    return 1, term


@dataclass(frozen=True, slots=True)
class Path:
    """One way: what was asked and given on it, what the claim came to, and what was seen."""

    entries: tuple[Entry, ...]
    claim: bool | None  # None: these values are not meant
    seen: tuple[Any, ...]
    broke: str = ""

    @property
    def facts(self) -> list[Any]:
        return [entry.fact for entry in self.entries]


Body = Callable[[Walk], tuple[bool, tuple[Any, ...]]]


def every(body: Body) -> Iterator[Path]:
    """Every way through a body that gives a claim and what was seen."""
    ahead: list[tuple[Asked, ...]] = [()]
    while ahead:
        laid_out = ahead.pop()
        walk = Walk(laid_out)
        yield _walked(body, walk)
        for number in range(len(laid_out), len(walk.asked)):
            last = walk.asked[number]
            if last.open:
                other = Asked(last.term, not last.way, open=False)
                ahead.append((*walk.asked[:number], other))


def _walked(body: Body, walk: Walk) -> Path:
    claim: bool | None
    try:
        claim, seen, broke = *body(walk), ""
    except NotMeant:
        claim, seen, broke = None, (), ""
    except Exception as error:  # noqa: BLE001 - code that breaks on some values is a finding
        claim, seen, broke = False, (), f"{type(error).__name__}: {error}"
    return Path(tuple(walk.entries), claim, seen, broke)


@dataclass(slots=True)
class Proof:
    """What walking every way came to."""

    paths: list[Path] = field(default_factory=list)

    @property
    def claimed(self) -> int:
        """Ways on which the claim was made: none of them proves nothing."""
        return sum(1 for path in self.paths if path.claim is not None)

    @property
    def verdict(self) -> str:
        """`proved`, `refuted`, or `unknown` where the solver could not say, or on no values."""
        wrong = [can_be(path) for path in self.wrong]
        if z3.sat in wrong:
            return "refuted"
        if z3.unknown in wrong or not self._is_about_some:
            return "unknown"
        return "proved"

    @property
    def _is_about_some(self) -> bool:
        return any(path.claim and can_be(path) == z3.sat for path in self.paths)

    @property
    def wrong(self) -> list[Path]:
        return [path for path in self.paths if path.claim is False]


def can_be(path: Path) -> Any:
    """Whether some values go this way: `sat`, `unsat` or `unknown`."""
    return _solver(path).check()


def model(path: Path) -> Any:
    """Some values that go this way; None when there are none, or the solver cannot say."""
    solver = _solver(path)
    return solver.model() if solver.check() == z3.sat else None


def _solver(path: Path) -> Any:
    solver = z3.Solver()
    solver.set("timeout", _PATIENCE)
    solver.add(*path.facts)
    return solver
