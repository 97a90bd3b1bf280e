"""What is committed: no addresses of registries, no paths of one machine, one version, one set of pins."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.house.tree import PROJECT, files, plant

# Put together from pieces, so that this file is not its own first finding.
REGISTRIES = re.compile(
    "|".join([r"py" + r"pi\.org", r"python" + r"hosted\.", r"npm" + r"js\.(org|com)", r"deb\.deb" + "ian"])
)
MACHINE = re.compile(
    r"(?<![\w.$})])/(" + "|".join(["wo" + "rk", "fa" + "rm", "ro" + "ot", "ho" + r"me/\w+", "Us" + r"ers/\w+"]) + ")/"
)
INDEX = re.compile(r"^\s*(--index-url|--extra-index-url|-i|--find-links)\b")
TEXT = {".py", ".sql", ".yml", ".yaml", ".md", ".toml", ".txt", ".cfg", ".ini", ".sh", ".json", ".html", ""}
Rule = Callable[[Path], list[str]]


def machine_traces(tree: Path) -> list[str]:
    """Lines that hold only on one machine or one network, and lock files that are full of them."""
    found = [f"{path.name}: not to be committed" for path in files(tree) if path.name == "uv" + ".lock"]
    for path in (path for path in files(tree) if path.suffix in TEXT):
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if REGISTRIES.search(line) or MACHINE.search(line) or INDEX.match(line):
                found.append(f"{path.relative_to(tree).as_posix()}:{number}: {line.strip()}")
    return found


def project(tree: Path) -> dict[str, Any]:
    return dict(tomllib.loads((tree / "pyproject.toml").read_text(encoding="utf-8"))["project"])


def versions(tree: Path) -> list[str]:
    """The changelog's first version, if it is not the package's."""
    heading = re.search(r"^## \[?(\d+\.\d+\.\d+)", (tree / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    first = heading.group(1) if heading else "nothing"
    return (
        []
        if first == project(tree)["version"]
        else [f"CHANGELOG.md begins with {first}, not {project(tree)['version']}"]
    )


def pins(tree: Path) -> list[str]:
    """Pins of pyproject.toml that requirements.txt does not hold, and requirements without a hash."""
    locked = (tree / "requirements.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in locked.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    versions = {_plain(line.partition("==")[0]): line.partition("==")[2].split()[0] for line in lines if "==" in line}
    found = [f"{line.split()[0]}: no hash" for line in lines if "--hash=" not in line]
    extras = project(tree).get("optional-dependencies", {})
    for wanted in [*project(tree)["dependencies"], *(pin for group in extras.values() for pin in group)]:
        match = re.fullmatch(r"([\w.-]+)(?:\[[\w,]+\])?(?:==([\w.]+))?.*", wanted)
        assert match, wanted
        name, version = _plain(match.group(1)), match.group(2)
        if name not in versions or version not in {None, versions[name]}:
            found.append(f"{wanted}: requirements.txt has {versions.get(name, 'nothing')}")
    return found


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.partition("[")[0].strip()).lower()


RULES: list[Rule] = [machine_traces, versions, pins]
TOML = '[project]\nname = "a"\nversion = "0.2.0"\ndependencies = ["duckdb==1.5.6", "httpx>=0.28"]\n'


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_holds(rule: Rule) -> None:
    assert rule(PROJECT) == []


@pytest.mark.parametrize(
    "line",
    [
        "https://files.python" + "hosted.org/a.whl",
        "source = { registry = 'https://py" + "pi.org/simple' }",
        "path = '/wo" + "rk/main/data'",
        "--index" + "-url https://mirror/simple",
        "open('/ho" + "me/anna/leads.csv')",
    ],
)
def test_a_trace_of_a_machine_is_found(tmp_path: Path, line: str) -> None:
    assert len(machine_traces(plant(tmp_path, {"docs/a.md": f"{line}\n"}))) == 1


def test_a_lock_file_is_found(tmp_path: Path) -> None:
    assert len(machine_traces(plant(tmp_path, {"uv" + ".lock": ""}))) == 1


def test_another_version_is_found(tmp_path: Path) -> None:
    tree = plant(tmp_path, {"pyproject.toml": TOML, "CHANGELOG.md": "# Changes\n\n## 0.1.0\n"})
    assert versions(tree) == ["CHANGELOG.md begins with 0.1.0, not 0.2.0"]


def test_a_pin_that_is_not_locked_is_found(tmp_path: Path) -> None:
    locked = "duckdb==1.5.5 \\\n    --hash=sha256:0\n    # via a\nrich==14.0\n"
    tree = plant(tmp_path, {"pyproject.toml": TOML, "requirements.txt": locked})
    assert pins(tree) == [
        "rich==14.0: no hash",
        "duckdb==1.5.6: requirements.txt has 1.5.5",
        "httpx>=0.28: requirements.txt has nothing",
    ]
