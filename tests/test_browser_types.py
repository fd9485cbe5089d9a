"""The check of the types of the JavaScript: what it covers, how it is pinned, that it can fail."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
TYPES = ROOT / "browser-types"
STATIC = ROOT / "src" / "stepwell" / "clinic" / "static"
TSC = TYPES / "node_modules" / "typescript" / "bin" / "tsc"


def document(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def locked() -> dict[str, Any]:
    packages: dict[str, Any] = document(TYPES / "package-lock.json")["packages"]
    return {name.removeprefix("node_modules/"): one for name, one in packages.items() if name}


def test_what_checks_the_types_is_pinned_with_a_hash_and_no_address() -> None:
    wanted = document(TYPES / "package.json")["devDependencies"]
    assert wanted == {name: one["version"] for name, one in locked().items()}
    assert all(one["integrity"].startswith("sha512-") for one in locked().values())
    assert all("resolved" not in one for one in locked().values())


def test_the_types_of_a_vendored_library_are_of_the_version_that_is_served() -> None:
    served = {one["name"]: one["version"] for one in document(STATIC / "vendor/vendored.json")}
    assert {name: locked()[name]["version"] for name in served} == served


def test_no_script_asks_to_be_left_out_of_the_check() -> None:
    scripts = sorted((STATIC / "stepwell").glob("*.js"))
    assert scripts
    for path in scripts:
        found = re.search(r"@ts-(?:nocheck|ignore|expect-error)", path.read_text(encoding="utf-8"))
        assert found is None, path.name


def check(config: Path) -> subprocess.CompletedProcess[str]:
    command = ["node", str(TSC), "--project", str(config)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.slow
@pytest.mark.skipif(not (shutil.which("node") and TSC.exists()), reason="node is not here")
def test_a_planted_fault_of_types_is_caught(tmp_path: Path) -> None:
    (tmp_path / "planted.js").write_text("document.querySelector('main').focus();\n", "utf-8")
    config = {"extends": str(TYPES / "pages.json"), "include": ["planted.js"], "exclude": []}
    (tmp_path / "pages.json").write_text(json.dumps(config), "utf-8")
    answer = check(tmp_path / "pages.json")
    assert answer.returncode != 0
    assert "planted.js" in answer.stdout
