"""The command line: answers on standard output, every fault with its path on standard error."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner, Result

from stepwell import catalogue, cli
from stepwell.engine import protocol, wire
from stepwell.engine.errors import ProtocolError

REQUEST: dict[str, Any] = {
    "start": "2026-12-01",
    "baseline": {"amount_mg": 2650, "times_per_day": 6, "days_per_week": 7},
}
SCENARIOS = Path(__file__).parent.parent / "scenarios"
CASE: dict[str, Any] = json.loads(
    (SCENARIOS / "a-red-flag-freezes-on-the-day-it-is-told.json").read_text(encoding="utf-8")
)["case"]


def run(*arguments: str, told: str = "") -> Result:
    return CliRunner().invoke(cli.app, list(arguments), input=told)


def file_of(path: Path, document: Any) -> str:
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


def stored(case: dict[str, Any]) -> dict[str, Any]:
    answer = wire.decide(case, catalogue.protocols())
    return {
        "schema": 1,
        "case": case,
        "case_sha256": wire.digest(case),
        "recommendation": answer,
    }


def test_a_plan_begins_by_saying_that_it_is_not_to_be_followed() -> None:
    said = run("plan", "-", told=json.dumps(REQUEST))
    assert said.exit_code == 0
    assert said.stdout.startswith("For a clinician to review. Not to be followed.")
    assert "evidence for tapering ketamine is low" in " ".join(said.stdout.split())


def test_a_plan_as_json_is_the_contract() -> None:
    answer = json.loads(run("plan", "-", "--json", told=json.dumps(REQUEST)).stdout)
    assert answer["status"] == "draft"
    assert [level["ceiling_mg"] for level in answer["levels"][:3]] == [2650, 2350, 2100]
    assert answer["finish"] == {"earliest": "2027-04-20", "usual": "2027-06-01"}


def test_a_refusal_is_an_answer() -> None:
    said = run("plan", "-", told=json.dumps(REQUEST | {"goal_mg": 5000}))
    assert said.exit_code == 0
    assert "goal_mg" in said.stdout


@pytest.mark.parametrize(
    ("told", "path"),
    [
        (json.dumps(REQUEST | {"baseline": {"amount_mg": "2,65 g"}}), "baseline.amount_mg"),
        (json.dumps(REQUEST | {"pace": 3}), "pace"),
        ('{"start": "2026-12-01", "start": "2026-12-02"}', "stands twice"),
        ('{"start": NaN}', "NaN is not a number"),
        ("[", "cannot be read as JSON"),
        ("[]", "must be an object"),
    ],
)
def test_input_that_does_not_fit_exits_2_and_names_the_place(told: str, path: str) -> None:
    said = run("plan", "-", told=told)
    assert said.exit_code == 2
    assert path in said.stderr


def test_every_fault_is_named_not_only_the_first() -> None:
    said = run("plan", "-", told=json.dumps({"baseline": {}, "percent": 0}))
    assert said.exit_code == 2
    for path in ("start", "baseline.amount_mg", "percent"):
        assert path in said.stderr


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    said = run("decide", str(tmp_path / "nothing.json"))
    assert said.exit_code == 2
    assert "nothing.json" in said.stderr


def test_decide_reads_a_file_and_shows_every_finding_with_its_source(tmp_path: Path) -> None:
    said = run("decide", file_of(tmp_path / "case.json", CASE))
    assert said.exit_code == 0
    assert "freeze" in said.stdout
    assert "not shown" in said.stdout


def test_decide_answers_the_same_bytes_every_time() -> None:
    told = json.dumps(CASE)
    assert (
        run("decide", "-", "--json", told=told).stdout
        == run("decide", "-", "--json", told=told).stdout
    )


def test_replay_walks_a_case_day_by_day() -> None:
    days = json.loads(run("replay", "-", "--json", told=json.dumps(CASE)).stdout)
    assert days[-1]["today"] == CASE["today"]
    last = {key: value for key, value in days[-1].items() if key != "today"}
    assert last == json.loads(run("decide", "-", "--json", told=json.dumps(CASE)).stdout)


def test_replay_shows_a_line_for_each_day() -> None:
    assert CASE["today"] in run("replay", "-", told=json.dumps(CASE)).stdout


def test_replay_gives_a_stored_review_byte_for_byte(tmp_path: Path) -> None:
    review = stored(CASE)
    said = run("replay", file_of(tmp_path / "review.json", review))
    assert said.exit_code == 0
    assert said.stdout == wire.dumps(review["recommendation"])


def test_replay_says_when_a_stored_review_differs(tmp_path: Path) -> None:
    review = stored(CASE)
    review["recommendation"]["offer"] = "step"
    said = run("replay", file_of(tmp_path / "review.json", review))
    assert said.exit_code == 1
    assert "differs" in said.stderr


def test_replay_says_when_the_case_of_a_review_was_changed(tmp_path: Path) -> None:
    review = stored(CASE)
    review["case_sha256"] = "0" * 64
    said = run("replay", file_of(tmp_path / "review.json", review))
    assert said.exit_code == 1
    assert "case was changed" in said.stderr


@pytest.mark.parametrize("of", ["plan", "decide"])
def test_a_published_schema_is_one_and_takes_what_the_command_takes(of: str) -> None:
    schema = json.loads(run("schema", of).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate({"plan": REQUEST, "decide": CASE}[of], schema)


def test_a_schema_that_does_not_exist_exits_2() -> None:
    assert run("schema", "everything").exit_code == 2


def test_a_malformed_protocol_stops_the_program_at_start_with_its_path(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document = catalogue.document("protocols", "ketamine.json")
    bounds = catalogue.document("protocols", "bounds.json")["bounds"]
    document["limits"]["largest_step_percent"]["value"] = "25"

    def broken() -> Any:
        return protocol.read(document, bounds)

    errors = io.StringIO()
    monkeypatch.setattr(catalogue, "protocols", broken)
    monkeypatch.setattr(sys, "stderr", errors)
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 2
    assert "limits.largest_step_percent.value" in errors.getvalue()
    with pytest.raises(ProtocolError):
        broken()
