"""Small faults made in the engine's own source, one at a time: the mutants of `prove.mutants`.

Each is a change that a tired hand could make: `<` for `<=`, a lost `not`, a limit one higher, a
rule left out of a list, a statement dropped. Left alone, because nothing but a reader could tell:
docstrings, annotations, decorators, and free text for a person (the wording of a fault, a
refusal, a schema's description), which the tests of the wording hold instead.
"""

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ENGINE = Path(__file__).parents[1] / "src" / "stepwell" / "engine"
MODULE = "(module)"
_LONGEST = 100  # characters of a change; a longer one is cut and told apart by its number

New = tuple[ast.AST, str]  # what stands in the place of a node, and the change in words


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault: the file, the function, the change as text, and the line to look at."""

    file: str
    function: str
    change: str
    line: int

    @property
    def key(self) -> tuple[str, str, str]:
        """What names it in a list that outlives the line numbers."""
        return self.file, self.function, self.change

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.function}: {self.change}"


@dataclass(frozen=True, slots=True)
class _Slot:
    """A place in the tree: a field of a node, or one entry of a field that is a list."""

    parent: ast.AST
    field: str
    index: int | None
    function: str

    def put(self, new: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, new)
        else:
            getattr(self.parent, self.field)[self.index] = new


@dataclass(frozen=True, slots=True)
class _Change:
    slot: _Slot
    old: ast.AST
    new: ast.AST
    words: str


class Source:
    """One file of the engine with every mutant that can be made of it, in a fixed order."""

    def __init__(self, file: str, text: str | None = None) -> None:
        self.tree = ast.parse((ENGINE / file).read_text(encoding="utf-8") if text is None else text)
        self._changes = list(_changes(self.tree))
        self.mutants = tuple(_named(file, self._changes))

    def planted(self, number: int) -> ast.Module:
        """The tree with one mutant in it, for good: one source, one mutant, one process."""
        change = self._changes[number]
        change.slot.put(ast.copy_location(change.new, change.old))
        return ast.fix_missing_locations(self.tree)


def files() -> list[str]:
    """Every file of the engine that holds more than a docstring."""
    return sorted(path.name for path in ENGINE.glob("*.py") if path.name != "__init__.py")


def _named(file: str, changes: Iterable[_Change]) -> Iterator[Mutant]:
    """The same change twice in one function is told apart by its number."""
    seen: Counter[tuple[str, str]] = Counter()
    for one in changes:
        words, function = " ".join(one.words.split()), one.slot.function
        short = words if len(words) <= _LONGEST else f"{words[: _LONGEST - 3]}..."
        seen[function, short] += 1
        times = seen[function, short]
        line: int = getattr(one.old, "lineno", 0) or getattr(one.slot.parent, "lineno", 0)
        yield Mutant(file, function, short if times == 1 else f"{short} #{times}", line)


def _changes(tree: ast.Module) -> Iterator[_Change]:
    again = _set_again(tree)
    for slot, node in _slots(tree, MODULE):
        for new, words in _news(slot, node):
            yield _Change(slot, node, new, words)
        if node in again:
            yield _Change(slot, node, ast.Pass(), f"{ast.unparse(node)} dropped")


# --- where a change may be made ---------------------------------------------------------------

_NOT_CODE = {"annotation", "returns", "decorator_list", "bases", "format_spec"}
_TYPING = {"Annotated", "Callable", "Iterable", "Iterator", "Literal", "Mapping", "dict", "tuple"}


def _slots(node: ast.AST, function: str) -> Iterator[tuple[_Slot, ast.AST]]:
    """Every place below a node that may be changed, outermost first."""
    for field, value in ast.iter_fields(node):
        for index, inner in enumerate(value) if isinstance(value, list) else ((None, value),):
            if isinstance(inner, ast.AST) and not _is_left_alone(node, field, index, inner):
                inside = _inside(function, inner)
                yield _Slot(node, field, index, inside), inner
                yield from _slots(inner, inside)


def _inside(function: str, node: ast.AST) -> str:
    if not isinstance(node, ast.FunctionDef | ast.ClassDef):
        return function
    return node.name if function == MODULE else f"{function}.{node.name}"


def _is_left_alone(parent: ast.AST, field: str, index: int | None, node: ast.AST) -> bool:
    return (
        field in _NOT_CODE
        or isinstance(node, ast.Import | ast.ImportFrom | ast.expr_context | ast.operator)
        or _is_docstring(parent, index, node)
        or _is_type(node)
        or _is_exported(node)
        or _is_words(parent, field, index)
    )


def _is_docstring(parent: ast.AST, index: int | None, node: ast.AST) -> bool:
    opens = isinstance(parent, ast.Module | ast.ClassDef | ast.FunctionDef) and index == 0
    return opens and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_type(node: ast.AST) -> bool:
    return isinstance(node, ast.Subscript) and _name(node.value) in _TYPING


def _is_exported(node: ast.AST) -> bool:
    return isinstance(node, ast.Assign) and _name(node.targets[0]) == "__all__"


# Which argument of a call is free text: Fault(path, text), InputError.at(path, text), ...
_WORDS_OF = {"Fault": 1, "at": 1, "Refusal": 2}
_WORDS = {"text", "_HOW"}
_WORDS_UNDER = {"description", "title"}


def _is_words(parent: ast.AST, field: str, index: int | None) -> bool:
    """True for what only a person reads: the wording of a fault, a refusal, a description."""
    if isinstance(parent, ast.Call) and field == "args":
        return _WORDS_OF.get(_name(parent.func)) == index
    if isinstance(parent, ast.Dict) and field == "values" and index is not None:
        return getattr(parent.keys[index], "value", None) in _WORDS_UNDER
    return (
        isinstance(parent, ast.Assign)
        and field == "value"
        and all(_name(target) in _WORDS for target in parent.targets)
    )


def _name(node: ast.AST | None) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


# --- what may be put there --------------------------------------------------------------------


def _news(slot: _Slot, node: ast.AST) -> Iterator[New]:
    """Everything that may stand in the place of a node."""
    if isinstance(node, ast.stmt) and _may_be_dropped(slot, node):
        yield ast.Pass(), f"{ast.unparse(node).splitlines()[0]} dropped"
    if slot.field in ("test", "ifs"):
        yield from _negated(node)
    if isinstance(node, ast.Constant):
        yield from _constants(slot, node)
    elif isinstance(node, ast.Attribute):
        yield from _other_members(slot, node)
    else:
        yield from _OPERATORS.get(type(node), _nothing)(node)


def _nothing(_: ast.AST) -> Iterator[New]:
    return iter(())


def _become(old: ast.AST, new: ast.AST) -> New:
    return new, f"{ast.unparse(old)} -> {ast.unparse(new)}"


def _with(node: Any, **changes: Any) -> Any:
    """A copy of a node with some fields changed."""
    new = copy(node)
    for field, value in changes.items():
        setattr(new, field, value)
    return new


def _without(entries: list[Any], number: int) -> list[Any]:
    return [*entries[:number], *entries[number + 1 :]]


def _negated(node: Any) -> Iterator[New]:
    """The opposite of a condition that has no changes of its own."""
    if not isinstance(node, ast.Compare | ast.BoolOp | ast.UnaryOp):
        yield _become(node, ast.UnaryOp(ast.Not(), node))


_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}


def _comparisons(node: ast.Compare) -> Iterator[New]:
    """The boundary moved by one, and the negation."""
    for number, op in enumerate(node.ops):
        for other in _COMPARED[type(op)]:
            ops = [*node.ops[:number], other(), *node.ops[number + 1 :]]
            yield _become(node, _with(node, ops=ops))


_RECKONED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}


def _arithmetic(node: ast.BinOp | ast.AugAssign) -> Iterator[New]:
    yield _become(node, _with(node, op=_RECKONED[type(node.op)]()))


def _signs(node: ast.UnaryOp) -> Iterator[New]:
    """A `not` or a minus lost."""
    yield _become(node, node.operand)


def _connectives(node: ast.BoolOp) -> Iterator[New]:
    """`and` for `or`, and each part lost."""
    word, other, turned = _JOINED[type(node.op)]
    yield _with(node, op=turned()), f"{word} -> {other} in {ast.unparse(node)}"
    for number, part in enumerate(node.values):
        left = _without(node.values, number)
        new = left[0] if len(left) == 1 else _with(node, values=left)
        yield new, f"{ast.unparse(part)} lost from {ast.unparse(node)}"


_JOINED: dict[type[ast.boolop], tuple[str, str, type[ast.boolop]]] = {
    ast.And: ("and", "or", ast.Or),
    ast.Or: ("or", "and", ast.And),
}


def _branches(node: ast.IfExp) -> Iterator[New]:
    yield _become(node, node.body)
    yield _become(node, node.orelse)


def _returned(node: ast.Return) -> Iterator[New]:
    """Nothing for something; a constant has changes of its own."""
    if node.value is not None and not isinstance(node.value, ast.Constant):
        yield _become(node, ast.Return(ast.Constant(None)))


_SWAPPED = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list"}
_WITH_A_DEFAULT = {"get", "getattr", "next", "setdefault"}


def _calls(node: ast.Call) -> Iterator[New]:
    """`min` for `max`, an argument by name lost, a default lost."""
    name = _name(node.func)
    if isinstance(node.func, ast.Name) and name in _SWAPPED:
        yield _become(node, _with(node, func=ast.Name(_SWAPPED[name], ast.Load())))
    for number, keyword in enumerate(node.keywords):
        lost = f"{name}: {ast.unparse(keyword)} lost"
        yield _with(node, keywords=_without(node.keywords, number)), lost
    if name in _WITH_A_DEFAULT and len(node.args) > 1:
        yield _become(node, _with(node, args=node.args[:-1]))


def _entries(node: Any) -> Iterator[New]:
    """Each entry of a tuple, list or set lost."""
    if isinstance(getattr(node, "ctx", None), ast.Store):
        return
    for number, entry in enumerate(node.elts):
        left = _without(node.elts, number)
        empty_set = ast.Call(ast.Name("set", ast.Load()), [], [])
        new = empty_set if isinstance(node, ast.Set) and not left else _with(node, elts=left)
        yield new, f"entry {ast.unparse(entry)} lost"


def _items(node: ast.Dict) -> Iterator[New]:
    """Each entry of a dictionary lost."""
    for number, (key, value) in enumerate(zip(node.keys, node.values, strict=True)):
        keys, values = _without(node.keys, number), _without(node.values, number)
        shown = f"**{ast.unparse(value)}" if key is None else ast.unparse(key)
        yield _with(node, keys=keys, values=values), f"item {shown} lost"


def _slices(node: ast.Slice) -> Iterator[New]:
    for end in ("lower", "upper"):
        if getattr(node, end) is not None:
            yield _become(node, _with(node, **{end: None}))


def _conditions(node: ast.comprehension) -> Iterator[New]:
    for number, condition in enumerate(node.ifs):
        lost = f"{ast.unparse(node)}: if {ast.unparse(condition)} lost"
        yield _with(node, ifs=_without(node.ifs, number)), lost


def _handlers(node: ast.ExceptHandler) -> Iterator[New]:
    caught = ast.unparse(node.type) if node.type else "everything"
    yield _with(node, body=[ast.Raise()]), f"except {caught} lost"


_OPERATORS: dict[type[ast.AST], Callable[[Any], Iterator[New]]] = {
    ast.Compare: _comparisons,
    ast.BinOp: _arithmetic,
    ast.AugAssign: _arithmetic,
    ast.UnaryOp: _signs,
    ast.BoolOp: _connectives,
    ast.IfExp: _branches,
    ast.Return: _returned,
    ast.Call: _calls,
    ast.Tuple: _entries,
    ast.List: _entries,
    ast.Set: _entries,
    ast.Dict: _items,
    ast.Slice: _slices,
    ast.comprehension: _conditions,
    ast.ExceptHandler: _handlers,
}


def _constants(slot: _Slot, node: ast.Constant) -> Iterator[New]:
    """A number one more and one less, true for false, a text emptied."""
    for value in _other_values(node.value):
        yield ast.Constant(value), f"{node.value!r} -> {value!r} in {_around(slot)}"


def _other_values(value: object) -> tuple[Any, ...]:
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int):
        return value + 1, value - 1
    if isinstance(value, str):
        return ("" if value else "XX",)
    return ()


def _around(slot: _Slot) -> str:
    """Where a small thing stands: the parent as text, or the name of the argument."""
    node = slot.parent
    if isinstance(node, ast.keyword):
        return f"{node.arg}="
    return ast.unparse(node).strip().splitlines()[0]


@cache
def _members() -> dict[str, list[str]]:
    """The names in each enumeration of the engine."""
    trees = [ast.parse((ENGINE / file).read_text(encoding="utf-8")) for file in files()]
    return {
        node.name: [_name(one.targets[0]) for one in node.body if isinstance(one, ast.Assign)]
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.ClassDef) and any(_name(base) == "StrEnum" for base in node.bases)
    }


def _other_members(slot: _Slot, node: ast.Attribute) -> Iterator[New]:
    """The next name of an enumeration for the one that is meant: `Offer.STAY` for `Offer.STEP`."""
    names = _members().get(_name(node.value), [])
    if node.attr in names:
        other = names[(names.index(node.attr) + 1) % len(names)]
        new = ast.Attribute(node.value, other, ast.Load())
        yield new, f"{ast.unparse(node)} -> {ast.unparse(new)} in {_around(slot)}"


# --- statements dropped -----------------------------------------------------------------------


def _may_be_dropped(slot: _Slot, node: ast.stmt) -> bool:
    """Where the drop is not the same as another mutant, or as a name that is never set."""
    if isinstance(node, ast.Return):
        ends = isinstance(slot.parent, ast.FunctionDef) and slot.parent.body[-1] is node
        return not ends
    if isinstance(node, ast.Assign):
        return isinstance(node.targets[0], ast.Attribute | ast.Subscript)
    return isinstance(node, ast.Expr | ast.AugAssign | ast.Raise | ast.Break | ast.Continue)


def _set_again(tree: ast.Module) -> set[ast.AST]:
    """The assignments to a name that the same function has set before, or was given."""
    again: set[ast.AST] = set()
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            again.update(_set_again_in(function))
    return again


def _set_again_in(function: ast.FunctionDef) -> Iterator[ast.AST]:
    known = {one.arg for one in function.args.args}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            if node.targets[0].id in known:
                yield node
            known.add(node.targets[0].id)
