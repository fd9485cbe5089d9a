"""The safety case and the hazard table, as text; `make docs` writes them, a test compares them."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from pathlib import Path

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
  - *Argument.* Over each hazard (G2), the list (G3), the engine (G4) and the service (G5).
- **Claim G2.** Each hazard below makes a claim; its controls argue it; their tests are the
  evidence.
  - *Evidence.* {tested} of {controls} controls have a test. {off} have one that takes the control
    away and shows that the check then fails. A named test that is not run fails the build.
- **Claim G3.** Every hazard that is known has a row: those of the safety engineering review
  (H01 to H45), and each phrase of the design's own list.
  - *Evidence.* [The tests of the log](../tests/safety/test_hazard_log.py). A row that vanishes
    fails the build.
- **Claim G4.** One mistake in the engine is not enough to show an amount that should not be shown.
  - *Argument.* The rules decide. The last gate knows neither the rules nor the history they fold,
    and checks each answer again from the plan and the raw events.
  - *Evidence.* With the control off: H03, H04, H50, H51. An import contract keeps the gate apart:
    {apart}. The rules, written once more as a table, agree: {oracle}.
- **Claim G5.** The service does its part. **Not shown by software:** rota, numbers, training, data
  protection and the acceptance of the protocol are its own, as the intended use says.
"""

APART = "tests/test_house.py::test_a_planted_breach_is_caught"
ORACLE = "tests/engine/test_oracle.py::test_the_engine_and_the_table_agree_on_random_days"


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
        oracle=_test(ORACLE),
    )


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
    elif control.kind != "transfer":
        yield "  - *Evidence.* None yet."
    if control.control_off:
        yield f"  - *With the control off.* {_test(control.control_off)}"
    else:
        yield f"  - *Not switched off:* {control.no_control_off}"


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
