"""A dozen small faults are noticed; where nothing looks for them, the measures fall short."""

import ast
from collections.abc import Sequence

import pytest

from prove import mutants, operators
from prove.mutants import LOADING, SCENARIOS, TABLE, Equivalent, Job, Outcome
from prove.operators import Mutant, Source

FUNCTIONS = {"hold_when_silent", "hold_when_over_the_ceiling", "calm_line"}


@pytest.fixture(autouse=True)
def one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutants, "_PROCESSES", 1)


def some(*functions: str) -> list[tuple[Job, Mutant]]:
    wanted = set(functions) or FUNCTIONS
    return [(job, one) for job, one in mutants.jobs(["rules.py"]) if one.function in wanted]


def met(
    outcomes: Sequence[Outcome],
    known: Sequence[Equivalent] = (),
    made: Sequence[tuple[Job, Mutant]] | None = None,
) -> dict[str, bool]:
    """Whether each measure of these outcomes is met, by the end of its name."""
    all_made = mutants.jobs() if made is None else made
    picked = [(("rules.py", 0), one.mutant) for one in outcomes]
    found = mutants.measures(all_made, picked, outcomes, known)
    return {one.name.removeprefix("mutants: "): one.met for one in found}


def outcome(mutant: Mutant, killer: str | None) -> Outcome:
    return Outcome(mutant, killer, timed_out=False, seconds=0.1)


def equivalent(mutant: Mutant, reason: str = "the sum is the same") -> Equivalent:
    return Equivalent(mutant.file, mutant.function, mutant.change, reason)


# --- faults planted in the engine -------------------------------------------------------------


@pytest.mark.slow
def test_a_dozen_faults_are_all_noticed_and_the_engine_as_it_is_is_not() -> None:
    usual = {**mutants.normal([LOADING]), TABLE: 1.0}
    picked = some()
    outcomes = mutants.tried(picked, usual)
    assert len(outcomes) == len(picked) >= 12
    assert [str(one.mutant) for one in outcomes if one.killer is None] == []
    assert all(met(outcomes).values())


def test_where_nothing_looks_for_faults_they_survive_and_the_measures_are_short(
    capsys: pytest.CaptureFixture[str],
) -> None:
    outcomes = mutants.tried(some("hold_when_silent"), {})
    assert {one.killer for one in outcomes} == {None}
    assert not met(outcomes)["killed"]
    assert not met(outcomes)["survivors not listed"]
    assert "mutants: survived: rules.py" in capsys.readouterr().err


@pytest.mark.slow
def test_a_fault_that_never_ends_is_stopped_and_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutants, "_LEAST_SECONDS", 0)
    endless = [(job, one) for job, one in mutants.jobs(["history.py"]) if one.change == ENDLESS]
    outcomes = mutants.tried(endless[:1], {SCENARIOS: 0.0})
    assert [(one.killer, one.timed_out) for one in outcomes] == [(SCENARIOS, True)]


ENDLESS = "day += _DAY dropped"


def test_an_engine_that_fails_as_it_is_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(of: object) -> dict[str, float]:
        raise RuntimeError("fails on the engine as it is: scenarios")

    monkeypatch.setattr(mutants, "normal", fails)
    found = {one.name: one.met for one in mutants.run(0.01)}
    assert found.pop("mutants: listed as equivalent")
    assert not any(found.values())


# --- the list ---------------------------------------------------------------------------------


def test_every_entry_of_the_list_is_a_fault_that_is_made_and_gives_its_reason() -> None:
    made, known = mutants.jobs(), mutants.listed()
    assert {one.key for one in known} <= {mutant.key for _, mutant in made}
    assert len({one.key for one in known}) == len(known) <= mutants.MOST_LISTED * len(made)
    assert all(len(one.reason.split()) > 3 for one in known)


def test_a_listed_survivor_is_no_shortfall_and_an_unlisted_one_is() -> None:
    (_, first), (_, second) = some("calm_line")[:2]
    outcomes = [outcome(first, None), outcome(second, SCENARIOS)]
    assert all(met(outcomes, [equivalent(first)]).values())
    assert not met(outcomes)["survivors not listed"]


@pytest.mark.parametrize("killer", [SCENARIOS, LOADING])
def test_a_listed_fault_that_is_noticed_is_stale(killer: str) -> None:
    mutant = some("calm_line")[0][1]
    assert not met([outcome(mutant, killer)], [equivalent(mutant)])["stale entries in the list"]


def test_an_entry_without_a_fault_or_without_a_reason_is_stale() -> None:
    mutant = some("calm_line")[0][1]
    gone = Equivalent("rules.py", "calm_line", "something else", "the sum is the same")
    assert not met([outcome(mutant, SCENARIOS)], [gone])["stale entries in the list"]
    assert not met([outcome(mutant, None)], [equivalent(mutant, " ")])["stale entries in the list"]


def test_a_list_that_is_too_long_is_short() -> None:
    made = mutants.jobs()
    known = [equivalent(mutant) for _, mutant in made[: len(made) // 30]]
    assert not met([outcome(made[-1][1], SCENARIOS)], known)["listed as equivalent"]


def test_nothing_tried_or_too_few_made_is_short() -> None:
    mutant = some("calm_line")[0][1]
    assert not any(done for name, done in met([]).items() if name != "listed as equivalent")
    assert not met([outcome(mutant, SCENARIOS)], made=some())["made"]


# --- the faults that are made -----------------------------------------------------------------


def changes(text: str) -> list[str]:
    return [one.change for one in Source("example.py", text).mutants]


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("a <= b", ["a <= b -> a < b", "a <= b -> a > b"]),
        ("a is None", ["a is None -> a is not None"]),
        ("a - b", ["a - b -> a + b"]),
        ("not a", ["not a -> a"]),
        ("a and b", ["and -> or in a and b", "a lost from a and b", "b lost from a and b"]),
        ("a if b else c", ["a if b else c -> a", "a if b else c -> c", "b -> not b"]),
        ("max(a)", ["max(a) -> min(a)"]),
        ("f(a, b=c)", ["f: b=c lost"]),
        ("f.get(a, b)", ["f.get(a, b) -> f.get(a)"]),
        ("(a, b)", ["entry a lost", "entry b lost"]),
        ("{a: b, **c}", ["item a lost", "item **c lost"]),
        ("a[b:]", ["b: -> :"]),
        ("[a for a in b if c]", ["for a in b if c: if c lost", "c -> not c"]),
        ("True", ["True -> False"]),
        ("7", ["7 -> 8", "7 -> 6"]),
        ("'a'", ["'a' -> ''"]),
        ("Offer.STEP", ["Offer.STEP -> Offer.STAY"]),
    ],
)
def test_each_kind_of_fault_is_made(text: str, made: list[str]) -> None:
    assert [one.removesuffix(f" in x = {text}") for one in changes(f"x = {text}")] == made


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("return a\n  return b", ["return a dropped", "return a -> return None"]),
        ("yield a", ["yield a dropped"]),
        ("raise a", ["raise a dropped"]),
        ("a += b", ["a += b dropped", "a += b -> a -= b"]),
        ("a.b = c", ["a.b = c dropped"]),
        ("a = b", ["a = b dropped"]),
        ("c = b", []),
        ("try: pass\n  except E: pass", ["except E lost"]),
    ],
)
def test_each_kind_of_statement_is_dropped(text: str, made: list[str]) -> None:
    assert changes(f"def f(a):\n  {text}")[: len(made)] == made
    assert len(changes(f"def f(a):\n  {text}")) == len(made) or "return" in text


@pytest.mark.parametrize(
    "text",
    [
        '"""Words."""',
        "x: Literal['a'] = y",
        "@dataclass(frozen=True)\nclass A: pass",
        "Fault(path, 'is missing')",
        "InputError.at(path, f'{a} is missing')",
        "text = f'{a - b} levels'",
        "__all__ = ['a']",
        "import a",
    ],
)
def test_what_only_a_reader_could_tell_is_left_alone(text: str) -> None:
    assert [one for one in changes(text) if not one.endswith("dropped")] == []


def test_a_planted_fault_is_the_only_change() -> None:
    source = Source("example.py", "x = a < b")
    assert ast.unparse(source.planted(0)) == "x = a <= b"
    assert ast.unparse(Source("example.py", "x = a < b").planted(1)) == "x = a >= b"


def test_every_file_of_the_engine_has_faults_and_each_has_a_name_of_its_own() -> None:
    made = [mutant for _, mutant in mutants.jobs()]
    assert {one.file for one in made} == set(operators.files())
    assert len({one.key for one in made}) == len(made) >= mutants.FEWEST
