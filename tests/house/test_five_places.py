"""One word, five places: the task, the module and its function, the test, the command, the heading in the docs."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.house.tree import PROJECT, parsed, plant, python_files

VERBS = {
    "check_source": "extract/check_source.py",
    "fetch": "extract/fetch.py",
    "load": "extract/load.py",
    "build": "warehouse/dbt.py",
    "check": "expectations/check.py",
    "create": "models_ml/scoring/create.py",
    "train": "models_ml/scoring/train.py",
    "validate": "models_ml/scoring/validate.py",
    "promote": "models_ml/scoring/promote.py",
    "reject": "models_ml/scoring/reject.py",
    "revert": "models_ml/scoring/revert.py",
    "deactivate": "models_ml/scoring/deactivate.py",
    "delete": "models_ml/scoring/delete.py",
    "apply": "models_ml/scoring/apply.py",
    "explain": "models_ml/scoring/explain.py",
    "monitor": "models_ml/scoring/monitor.py",
    "score_arrivals": "models_ml/scoring/score_arrivals.py",
    "forecast": "models_ml/forecast/forecast.py",
    "publish": "warehouse/publish.py",
}
"""Each verb and its module, named after it; only dbt's is named after the tool that it starts."""

STORY = "docs/a_day_of_a_lead.md"


def violations(tree: Path) -> list[str]:
    found = []
    story = _text(tree / STORY)
    commands, tasks = _functions(tree, "cli"), _functions(tree, "dags")
    for verb, module in VERBS.items():
        path = tree / module
        places = {
            f"the function {verb} in {module}": path.is_file() and verb in _top_functions(path),
            f"a test tests/{Path(module).parent}/test_{path.stem}*.py": bool(_tests(tree, module)),
            "a command of that name": verb in commands,
            "a task of that name": verb in tasks,
            f"a heading in {STORY}": bool(re.search(rf"^#+ .*\b{verb}\b", story, re.MULTILINE | re.IGNORECASE)),
        }
        found += [f"{verb}: there is not {place}" for place, there in places.items() if not there]
    return found


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _top_functions(path: Path) -> set[str]:
    return {node.name for node in parsed(path).body if isinstance(node, ast.FunctionDef)}


def _functions(tree: Path, room: str) -> set[str]:
    return {
        node.name
        for path in python_files(tree, room)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef)
    }


def _tests(tree: Path, module: str) -> list[Path]:
    path = Path(module)
    return list((tree / "tests" / path.parent).glob(f"test_{path.stem}*.py"))


def test_every_verb_is_in_its_five_places() -> None:
    assert violations(PROJECT) == []


def test_a_missing_place_is_found(tmp_path: Path) -> None:
    tree = plant(
        tmp_path,
        {
            **{module: f"def {verb}(): ...\n" for verb, module in VERBS.items()},
            **{f"tests/{Path(m).parent}/test_{Path(m).stem}.py": "" for m in VERBS.values()},
            "cli/main.py": "".join(f"def {verb}(): ...\n" for verb in VERBS),
            "dags/day.py": "".join(f"def {verb}(): ...\n" for verb in VERBS),
            STORY: "".join(f"## {verb}\n" for verb in VERBS),
        },
    )
    assert violations(tree) == []
    (tree / "extract/fetch.py").rename(tree / "extract/get.py")
    (tree / "tests/extract/test_load.py").unlink()
    (tree / STORY).write_text("".join(f"## {verb}\n" for verb in VERBS if verb != "promote"))
    assert violations(tree) == [
        "fetch: there is not the function fetch in extract/fetch.py",
        "load: there is not a test tests/extract/test_load*.py",
        f"promote: there is not a heading in {STORY}",
    ]
