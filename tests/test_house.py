"""The walls of the house: who may know whom, what may stand where, and that the docs are true."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from docs import generate
from stepwell import catalogue
from stepwell.engine import guard, rules

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "stepwell"
CLINIC = PACKAGE / "clinic"
DATA = PACKAGE / "data"
BIN = Path(sys.executable).parent


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def document(*parts: str) -> Any:
    return json.loads(text(DATA.joinpath(*parts)))


@cache
def committed() -> tuple[Path, ...]:
    """Every text file that is in the repository or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split("\0")
    binary = {".png", ".jpg", ".ico", ".woff2", ".mo", ".gif", ".xz"}
    found = (ROOT / name for name in listed if name)
    return tuple(path for path in found if path.is_file() and path.suffix not in binary)


def modules(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*.py")) if "migrations" not in path.parts]


# Who may know whom


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(root / "src"), "COLUMNS": "200"}
    command = [str(BIN / "lint-imports"), "--no-cache", "--config", str(root / "pyproject.toml")]
    return subprocess.run(
        command, cwd=root, env=env, capture_output=True, text=True, timeout=120, check=False
    )


BREACHES = {
    "engine/errors.py": ["import random", "import django", "from stepwell import catalogue"],
    "engine/guard.py": ["from stepwell.engine import rules"],
    "clinic/audit/__init__.py": ["from stepwell.clinic import accounts"],
    "clinic/accounts/__init__.py": ["from stepwell.clinic import care"],
    "clinic/care/__init__.py": ["from stepwell.clinic import person"],
    "clinic/person/__init__.py": ["from stepwell.clinic import team"],
    "clinic/team/__init__.py": ["from stepwell.engine import wire"],
}
BROKEN = [
    "stepwell.engine.errors -> random",
    "stepwell.engine.errors -> django",
    "stepwell.engine.errors -> stepwell.catalogue",
    "stepwell.engine.guard -> stepwell.engine.rules",
    "stepwell.clinic.audit -> stepwell.clinic.accounts",
    "stepwell.clinic.accounts -> stepwell.clinic.care",
    "stepwell.clinic.care -> stepwell.clinic.person",
    "stepwell.clinic.person -> stepwell.clinic.team",
    "stepwell.clinic.team -> stepwell.engine.wire",
]


@pytest.fixture(scope="module")
def breached(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the import check says of a copy of the house with a hole in every wall."""
    root = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", root)
    shutil.copytree(PACKAGE, root / "src" / "stepwell")
    for name, lines in BREACHES.items():
        with (root / "src" / "stepwell" / name).open("a", encoding="utf-8") as module:
            module.write("\n" + "\n".join(lines) + "\n")
    answer = lint_imports(root)
    assert answer.returncode == 1, answer.stdout + answer.stderr
    return answer.stdout


def test_the_import_contracts_hold() -> None:
    answer = lint_imports(ROOT)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize("illegal", BROKEN)
def test_a_planted_breach_is_caught(breached: str, illegal: str) -> None:
    assert re.search(re.escape(illegal) + r"(\.\w+)* \(l\.\d+\)", breached)


def test_a_module_without_a_place_is_caught(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(PACKAGE, tmp_path / "src" / "stepwell")
    (tmp_path / "src" / "stepwell" / "engine" / "stray.py").touch()
    answer = lint_imports(tmp_path)
    assert answer.returncode == 1
    assert "stray" in answer.stdout


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(text(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_the_engine_imports_the_standard_library_and_itself_only() -> None:
    own = {"stepwell.engine"}
    for path in modules(PACKAGE / "engine"):
        for name in imported(path):
            package = name.split(".")[0]
            known = package in sys.stdlib_module_names
            assert known or name in own or name.startswith("stepwell.engine."), (path.name, name)


# Who may touch the database

STORING = {"objects", "_default_manager", "_base_manager", "bulk_create", "bulk_update"}
WRITERS = {"care", "accounts", "audit"}


def test_only_care_and_accounts_and_their_audit_touch_the_database() -> None:
    for path in modules(CLINIC):
        if path.relative_to(CLINIC).parts[0] in WRITERS:
            continue
        for node in ast.walk(ast.parse(text(path))):
            if isinstance(node, ast.Attribute):
                where = (str(path.relative_to(ROOT)), node.lineno)
                assert node.attr not in STORING, where
                assert node.attr not in {"save", "delete"} or not called_on_a_row(node), where


def called_on_a_row(node: ast.Attribute) -> bool:
    """`cookies.delete` and the like are not rows; a bare name is taken for one."""
    return isinstance(node.value, ast.Name) and node.value.id not in {"session", "response"}


def test_no_signal_is_connected() -> None:
    for path in modules(PACKAGE):
        assert not any(name.startswith("django.db.models.signals") for name in imported(path))


# What may stand in a file

MACHINE_PATH = re.compile(r"(?<![\w.\-/])/(?:root|home|work|opt|Users)/[\w.\-]+")
REGISTRIES = re.compile(r"py" r"pi\.org|python" r"hosted\.org|npm" r"js\.(?:org|com)")
OUTSIDE = re.compile(r"https?://(?!www\.w3\.org/|127\.0\.0\.1|localhost)|[\"'(]//\w")
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)


def test_no_file_names_a_path_of_a_machine_or_a_package_registry() -> None:
    for path in committed():
        found = MACHINE_PATH.search(text(path)) or REGISTRIES.search(text(path))
        assert found is None, (str(path.relative_to(ROOT)), found)


def pages() -> list[Path]:
    served = {".html", ".css", ".js", ".svg", ".json", ".webmanifest", ".txt"}
    folders = (CLINIC / "templates", CLINIC / "static")
    return [p for f in folders for p in sorted(f.rglob("*")) if p.suffix in served]


def test_no_page_and_no_static_file_names_an_outside_address() -> None:
    for path in pages():
        found = OUTSIDE.search(text(path))
        assert found is None, (str(path.relative_to(ROOT)), found)


def test_no_page_has_inline_scripts_or_styles() -> None:
    for path in pages():
        if path.suffix == ".html":
            found = INLINE.search(text(path))
            assert found is None, (str(path.relative_to(ROOT)), found)


def test_every_requirement_is_pinned_with_a_hash_and_no_index_is_named() -> None:
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        pins = re.split(r"\n(?=[a-z])", text(path))[1:]
        assert pins
        assert all("==" in pin and "--hash=sha256:" in pin for pin in pins)
        assert "://" not in text(path)


# The data


def data_files() -> list[Path]:
    skipped = {"schemas", "protocols"}
    found = sorted(DATA.rglob("*.json"))
    return [path for path in found if path.relative_to(DATA).parts[0] not in skipped]


def schema_for(path: Path) -> Path:
    name = path.relative_to(DATA).parts[0].removesuffix(".json")
    return DATA / "schemas" / f"{path.stem if name == 'instruments' else name}.json"


@pytest.mark.parametrize("path", data_files(), ids=lambda path: path.stem)
def test_every_data_file_fits_its_schema(path: Path) -> None:
    jsonschema.validate(
        json.loads(text(path)), json.loads(text(schema_for(path))), jsonschema.Draft202012Validator
    )


def test_every_protocol_loads() -> None:
    assert "ketamine" in catalogue.protocols()


def test_every_rule_has_words_and_no_words_stand_without_a_rule() -> None:
    spoken = {rule.__name__ for rule in rules.RULES} | {guard.STOPPED, "act_was_not_open"}
    spoken.add("freeze_after_a_restore")  # the clinic's own: the engine knows no backups
    assert set(document("wording", "en.json")["rules"]) == spoken


def test_the_check_in_asks_for_every_flag_at_the_urgency_of_the_protocol() -> None:
    asked = document("instruments", "check_in.json")["flags"]
    urgencies = {flag: urgency for urgency, flags in asked.items() for flag in flags}
    assert urgencies == dict(catalogue.protocols()["ketamine"].flags)
    assert set(document("wording", "en.json")["flags"]) == set(urgencies)


def test_the_safety_answers_equal_the_flags_they_stand_for() -> None:
    answers = document("instruments", "check_in.json")["safety"]["answers"]
    equal = {name: answer["equals_flag"] for name, answer in answers.items()}
    assert equal == {
        "no": None,
        "thoughts": "suicidal_thoughts",
        "plan": "suicide_plan",
        "declined": None,
    }


def test_every_gate_of_the_protocol_is_asked_or_told() -> None:
    protocol, gates = catalogue.protocols()["ketamine"], document("gates.json")
    red = {flag for flag in protocol.flags if protocol.freezes(flag)}
    assert set(protocol.gates) <= set(gates["gates"]) | set(protocol.flags)
    assert red == (set(gates["gates"]) & set(protocol.flags)) | set(gates["opens_after_approval"])


def test_under_18_can_never_be_cleared() -> None:
    assert document("gates.json")["gates"]["under_18"]["clearing_role"] == "nobody"


def test_a_number_marked_from_memory_is_never_verified() -> None:
    for path in sorted((DATA / "directory").glob("*.json")):
        for line in json.loads(text(path))["lines"]:
            assert not (line["verified"] and line["mark"] == "M"), (path.stem, line["name"])


# The words

OUTING = re.compile(
    r"\b(microdos\w*|clean|dirty|relaps\w*|addicts?|users?|patients?|abus\w+|junkie)\b",
    re.IGNORECASE,
)


def said_to_the_person() -> Iterator[tuple[str, str]]:
    """Every sentence of the data that a person may read, with where it stands."""
    words = document("wording", "en.json")
    for part in ("rules", "flags", "escalations"):
        yield from ((f"{part}.{name}", one["person"]) for name, one in words[part].items())
    for name, one in words["frozen"].items():
        yield from ((f"frozen.{name}", line) for line in one["lines"])
    for name, gate in document("gates.json")["gates"].items():
        yield f"gates.{name}", gate["question"]
    for part in ("paper", "mine", "keep_well"):
        for name, one in document(part, "en.json")["lines"].items():
            yield from ((f"{part}.{name}", one[key]) for key in ("text", "discreet") if key in one)
    yield from said_in_rooms_and_cards()
    check_in = document("instruments", "check_in.json")
    for name, one in check_in["items"].items():
        yield from ((f"items.{name}", one[key]) for key in ("question", "at_0", "at_10"))
    for flags in check_in["flags"].values():
        yield from ((f"flags.{name}", one["question"]) for name, one in flags.items())


def said_in_rooms_and_cards() -> Iterator[tuple[str, str]]:
    for name, room in document("rooms", "en.json")["rooms"].items():
        for part in room["parts"]:
            yield from ((f"rooms.{name}", line) for line in (part["title"], *part["lines"]))
    for name, card in document("learn", "en.json")["cards"].items():
        yield from ((f"learn.{name}", line) for line in (card["name"], *card["text"]))


def test_no_sentence_for_the_person_is_longer_than_fifteen_words() -> None:
    for where, said in said_to_the_person():
        for sentence in re.split(r"(?<=[.?!])\s", said):
            assert len(sentence.split()) <= 15, (where, sentence)


def test_no_word_for_the_person_outs_or_blames() -> None:
    for where, said in said_to_the_person():
        assert OUTING.search(said) is None, (where, said)


def visible(page: str) -> str:
    """What a template shows: its own text and its translated strings, without the machinery."""
    strings = " ".join(re.findall(r"{%\s*(?:translate|trans)\s+[\"'](.+?)[\"']", page))
    bare = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}|<!--.*?-->|<[^>]*>", " ", page, flags=re.DOTALL)
    return f"{strings} {bare}"


def test_no_page_of_the_person_outs_or_blames() -> None:
    for path in sorted((CLINIC / "templates" / "person").rglob("*.html")):
        found = OUTING.search(visible(text(path)))
        assert found is None, (str(path.relative_to(ROOT)), found)


# The docs are true

CLAIMS = 16
GRADES = ("contradicted", "supported", "weak", "unsupported", "partly", "mixed", "very low")


def test_the_evidence_page_grades_every_claim_of_the_article() -> None:
    rows = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \| (.+?) \|$", text(generate.PAGE), re.M)
    assert [int(number) for number, *_ in rows] == list(range(1, CLAIMS + 1))
    for number, claim, grade, basis in rows:
        assert claim, number
        assert basis, number
        assert grade.startswith((*GRADES, "misleading", "incomplete")), (number, grade)


def test_the_evidence_page_says_that_the_evidence_is_low() -> None:
    assert "The evidence for tapering ketamine is low" in text(generate.PAGE)
    assert "equal choice" in text(generate.PAGE)


def test_the_generated_docs_are_fresh() -> None:
    assert generate.evidence() == text(generate.PAGE), "run: make docs"


def markdown() -> list[Path]:
    return [path for path in committed() if path.suffix == ".md"]


def test_every_link_between_the_docs_leads_somewhere() -> None:
    for path in markdown():
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", text(path)):
            assert (path.parent / target).exists(), (path.name, target)


# A file in back quotes, by its way from the root; with `::` what stands in it by name.
NAMED = re.compile(r"`((?:[\w.-]+/)+[\w.-]+)(?:::(\w+))?`")
OURS = ("src", "tests", "docs", "safety", "bench", "prove", "browser-types", "languages")


def test_every_file_and_test_that_the_docs_name_is_there() -> None:
    found = [(path, *one) for path in markdown() for one in NAMED.findall(text(path))]
    named = [one for one in found if one[1].split("/")[0] in OURS]
    assert sum(1 for *_, name in named if name) > 80
    for page, file, name in named:
        assert (ROOT / file).exists(), (page.name, file)
        if name:
            told = rf"^(?:def|class) {name}\b|^{name}\b"
            assert re.search(told, text(ROOT / file), re.M), (page.name, file, name)


ASVS_5_AT_LEVELS_1_AND_2 = 70 + 183


def test_every_requirement_of_asvs_is_answered_and_counted() -> None:
    page = text(ROOT / "docs" / "asvs.md")
    rows = re.findall(r"^\| ([\d.]+) \| [12] \| .+? \| (.+?) \| (.+?) \|$", page, re.M)
    assert len({number for number, *_ in rows}) == len(rows) == ASVS_5_AT_LEVELS_1_AND_2
    for verdict in ("met", "not applicable"):
        many = sum(1 for _, said, _ in rows if said == verdict)
        assert f"{many} {verdict}" in page
    assert {said for _, said, _ in rows} == {"met", "not applicable", "**not met**"}


def commands(program: str) -> set[str]:
    """Every `PROGRAM word` that the docs tell somebody to type."""
    typed = re.compile(rf"(?:^|`|\$ |&& |\| )(?:\.venv/bin/)?{program} ([a-z][a-z-]*)", re.M)
    return {word for path in markdown() for word in typed.findall(text(path))}


def test_every_make_target_in_the_docs_exists() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", text(ROOT / "Makefile"), re.M))
    assert commands("make") <= targets


@pytest.mark.slow
@pytest.mark.parametrize("command", sorted(commands("stepwell")))
def test_every_stepwell_command_in_the_docs_exists(command: str) -> None:
    answer = subprocess.run(
        [str(BIN / "stepwell"), command, "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr


def test_what_is_required_is_what_is_pinned() -> None:
    project = tomllib.loads(text(ROOT / "pyproject.toml"))["project"]
    named = {re.split(r"[<>=\[;]", one)[0].strip() for one in project["dependencies"]}
    pinned = set(re.findall(r"^([a-z][\w-]*)==", text(ROOT / "requirements" / "core.txt"), re.M))
    assert named <= pinned
