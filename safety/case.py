"""The safety case and the hazard table, as text; `make docs` writes them, a test compares them."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path

from prove.__main__ import PARTS
from safety.log import Control, Hazard
from stepwell import catalogue

# The order of the NHS hazard log, as the public UK Core hazard log sets it out.
COLUMNS = (
    "Hazard Number",
    "Hazard Name",
    "Hazard Description",
    "Potential Clinical Impact",
    "Possible Causes",
    "Existing Controls",
    "Initial Severity",
    "Initial Likelihood",
    "Initial Risk Rating",
    "Design",
    "Test",
    "Training",
    "Business Process Change",
    "Residual Severity",
    "Residual Likelihood",
    "Residual Risk Rating",
    "Summary of Actions",
    "Owner",
    "Hazard Status",
)
HEAD = """\
# Safety case

Generated from `safety/hazards/` by `make docs`; a test fails when this page is older than the log.
The same rows in the column order of the NHS hazard log: [hazards.csv](hazards.csv).

**Nobody has accepted any of this.** The first severity is the authors' estimate in the words of
DCB0129. Every likelihood, every remaining risk and every signature is blank until a clinical
safety officer fills it in. *Controlled* means that each control the row asks for exists and is
tested, no more. Rows are never deleted.
"""
ARGUMENT = """\
## The argument

- **Claim G1.** For the use described in [INTENDED_USE.md](../INTENDED_USE.md), the software's
  part of every known hazard is controlled. **Not shown yet:** {open} of {all} hazards are open.
  - *Context.* Protocol `{protocol}`, signed by nobody. The known limits of the intended use.
  - *Argument.* Over each hazard (G2), the list (G3), the engine (G4, G5) and the service (G6).
- **Claim G2.** Each hazard below makes a claim; its controls argue it; their tests are the
  evidence.
  - *Evidence.* {tested} of {controls} controls have a test. {off} have one that takes the control
    away and shows that the check then fails: {left_on}. A named test that fails, is skipped or is
    gone fails the build.
- **Claim G3.** Every hazard that is known has a row: those of the safety engineering review
  (H01 to H45), and each phrase of the design's own list.
  - *Evidence.* [The tests of the log](../tests/safety/test_hazard_log.py). A row that vanishes
    fails the build.
- **Claim G4.** One mistake in the engine is not enough to show an amount that should not be shown.
  - *Argument.* The rules decide. The last gate knows neither the rules nor the history they fold,
    and checks each answer again from the plan and the raw events.
  - *Evidence.* With the control off: H03, H04, H50, H51. An import contract keeps the gate apart:
    {apart}.
- **Claim G5.** The engine does what its design says, also where no example was thought of.
  - *Argument.* Each part of the proof looks for a breach in another way, and has been seen to find
    one that was planted. {every_state} controls below name what the explorer checks of them in
    every state that small plans can reach.
  - *Evidence.* `make prove`, with its figures in [the proof](proof.md); every test run repeats it
    in small:

{proof}

- **Claim G6.** The service does its part. **Not shown by software:** rota, numbers, training, data
  protection and the acceptance of the protocol are its own, as the intended use says.
"""

APART = "tests/test_house.py::test_a_planted_breach_is_caught"
LEFT_ON = (
    "tests/safety/test_hazard_log.py::test_with_its_control_left_on_every_control_off_test_fails"
)

# Each part of `make prove`: the test that runs it in small, and the one that sees it fail.
PROOF: Mapping[str, tuple[str, str]] = {
    "explorer": (
        "tests/engine/test_explorer.py::test_nothing_breaks_in_a_small_world_walked_to_its_end",
        "tests/engine/test_explorer.py::test_without_a_control_the_walk_finds_the_breach",
    ),
    "faults": (
        "tests/engine/test_explorer.py::test_without_a_control_the_walk_finds_the_breach",
        "tests/engine/test_explorer.py::test_a_breach_turns_the_measure_short",
    ),
    "agreement": (
        "tests/engine/test_oracle.py::test_the_engine_and_the_table_agree_on_random_days",
        "tests/engine/test_oracle.py::test_one_limit_flipped_in_the_table_shows_with_the_day",
    ),
    "inputs": (
        "tests/engine/test_inputs.py::test_thousands_of_malformed_calls_are_refused_at_their_place",
        "tests/engine/test_inputs.py::test_a_broken_door_turns_the_measure_short",
    ),
    "replays": (
        "tests/engine/test_replays.py::test_stored_decisions_are_byte_for_byte_what_they_were",
        "tests/engine/test_replays.py::test_a_changed_rule_is_noticed_and_says_what_to_do",
    ),
    "zones": (
        "tests/clinic/test_zones.py::test_each_plan_date_is_one_stretch_over_every_change",
        "tests/clinic/test_zones.py::test_another_reading_of_the_day_is_caught",
    ),
    "branches": (
        "",
        "tests/test_prove.py::test_a_failing_test_and_a_branch_that_none_takes_are_short",
    ),
}
# What the explorer calls a breach, where its name is not what holds.
_HOLDS = {
    "a_state_leads_nowhere": "no state leads nowhere",
    "the_door_answers_otherwise": "the door answers the same in any order and told twice",
    "the_decision_table_differs": "the decision table says the same",
}


def page(hazards: Sequence[Hazard]) -> str:
    """The safety case in Markdown: the argument, a table, and each hazard with its evidence."""
    parts = [HEAD, _argument(hazards), _table(hazards)]
    parts += ["\n".join(_hazard(hazard)) for hazard in hazards]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _argument(hazards: Sequence[Hazard]) -> str:
    controls = [control for hazard in hazards for control in hazard.controls]
    known = catalogue.protocols()["ketamine"]
    return ARGUMENT.format(
        all=len(hazards),
        open=sum(1 for hazard in hazards if hazard.status == "open"),
        controls=len(controls),
        tested=sum(1 for control in controls if control.tests),
        off=sum(1 for control in controls if control.control_off),
        protocol=f"{known.name} {known.version}",
        apart=_test(APART),
        left_on=_test(LEFT_ON),
        every_state=sum(1 for control in controls if control.every_state),
        proof="\n".join(_proof()),
    )


def _proof() -> Iterator[str]:
    yield "    | part | what it looks at | in small | seen to fail |"
    yield "    |---|---|---|---|"
    for part, (small, fails) in PROOF.items():
        run = _test(small) if small else "all of it, in `make test-all`"
        yield f"    | {part} | {PARTS[part]} | {run} | {_test(fails)} |"


def _table(hazards: Sequence[Hazard]) -> str:
    rows = [
        f"| [{hazard.id}](#{hazard.id.lower()}) | {hazard.title} | {hazard.severity_initial} |"
        f" {hazard.status} | {len(hazard.controls)} | {len(hazard.missing)} |"
        for hazard in hazards
    ]
    head = ["## The hazards", "", "| | hazard | severity | status | controls | missing |"]
    return "\n".join([*head, "|---|---|---|---|---|---|", *rows])


def _hazard(hazard: Hazard) -> Iterator[str]:
    yield f'### <a id="{hazard.id.lower()}"></a>{hazard.id} · {hazard.title}'
    yield ""
    yield f"**{hazard.status.capitalize()}**, {hazard.severity_initial}. {hazard.effect}"
    yield ""
    yield from (f"- *Cause.* {cause}." for cause in hazard.causes)
    yield ""
    yield f"**Claim {hazard.id}.** {_claim(hazard)}"
    yield ""
    yield from (line for control in hazard.controls for line in _control(control))
    yield from (f"- **Missing.** {one.what}. *{_when(one.comes_with)}*" for one in hazard.missing)
    if hazard.closed_because:
        yield f"- **Closed.** {hazard.closed_because}"


def _claim(hazard: Hazard) -> str:
    return {
        "open": "Not shown yet.",
        "controlled": "Each control below stands and is tested. The risk that is left is unscored.",
        "transferred": "The service's own duty.",
        "closed": "No longer possible.",
    }[hazard.status]


def _when(comes_with: str) -> str:
    return "Not planned." if comes_with == "not planned" else f"Comes with milestone {comes_with}."


def _control(control: Control) -> Iterator[str]:
    yield f"- **{control.id}** ({control.kind}) {control.what}"
    if control.code:
        yield f"  - *In* {', '.join(f'`{_short(one)}`' for one in control.code)}"
    if control.tests:
        yield f"  - *Evidence.* {'; '.join(_test(one) for one in control.tests)}"
    if control.every_state:
        yield f"  - *In every state that small plans can reach:* {'; '.join(_held(control))}."
    if control.control_off:
        yield f"  - *With the control off.* {_test(control.control_off)}"
    else:
        yield f"  - *Not switched off:* {control.no_control_off}"


def _held(control: Control) -> Iterator[str]:
    return (_HOLDS.get(name, _words(name)) for name in control.every_state)


def _short(code: str) -> str:
    return code.removeprefix("src/stepwell/")


def _test(named: str) -> str:
    file, _, name = named.partition("::")
    if not name:
        return f"[scenario: {_words(Path(file).stem)}](../{file})"
    return f"[{_words(name.removeprefix('test_'))}](../{file})"


def _words(name: str) -> str:
    return name.replace("_", " ").replace("-", " ")


# The table


def table(hazards: Iterable[Hazard]) -> str:
    """The hazards as CSV, one row each, in the column order of the NHS hazard log."""
    written = StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(hazard) for hazard in hazards)
    return written.getvalue()


def _row(hazard: Hazard) -> list[str]:
    residual = hazard.residual
    return [
        hazard.id,
        hazard.title,
        f"{hazard.title}: {hazard.causes[0]}",
        hazard.effect,
        "; ".join(hazard.causes),
        "none counted",
        hazard.severity_initial,
        hazard.likelihood_initial or "",
        "",
        _of(hazard, "design", "detect"),
        "; ".join(sorted({named for control in hazard.controls for named in control.tests})),
        _of(hazard, "inform"),
        _of(hazard, "transfer"),
        residual["severity"] or "",
        residual["likelihood"] or "",
        "",
        "; ".join(f"{one.what} ({one.comes_with})" for one in hazard.missing),
        residual["accepted_by"] or "",
        hazard.status,
    ]


def _of(hazard: Hazard, *kinds: str) -> str:
    return "; ".join(f"{one.id} {one.what}" for one in hazard.controls if one.kind in kinds)
