"""``docker-compose.yml``: what it refers to is there, what it asks for is documented, and it holds no secret."""

from __future__ import annotations

import copy
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.house.tree import PROJECT, ROOMS, python_files

Compose = dict[str, Any]
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(?::?([-?])([^}]*))?\}")
SECRET = re.compile(r"PASSWORD|SECRET|_KEY|TOKEN")
ROLES = {"init", "api-server", "scheduler", "dag-processor", "triggerer"}
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}
KEYS = {
    "build", "command", "depends_on", "environment", "healthcheck", "image", "ports", "profiles", "restart",
    "stop_grace_period", "user", "volumes",
}  # fmt: skip
ONE_SHOT = {"init"}
DATA = {"./data"}
"""Folders on the host that hold data and are made when they are missing."""


@pytest.fixture(scope="module")
def compose() -> Compose:
    read: Compose = yaml.safe_load((PROJECT / "docker-compose.yml").read_text(encoding="utf-8"))
    return read


def dangling(compose: Compose) -> list[str]:
    """References to services and volumes that there are not, and keys that compose does not know."""
    found = []
    for name, service in compose["services"].items():
        found += [f"{name}: there is no key {key}" for key in sorted(set(service) - KEYS)]
        for other, how in service.get("depends_on", {}).items():
            target = compose["services"].get(other, {})
            if not target or how["condition"] not in CONDITIONS:
                found.append(f"{name}: depends on {other}, {how['condition']}")
            elif how["condition"] == "service_healthy" and "healthcheck" not in target:
                found.append(f"{name}: {other} has no health check to wait for")
        found += [
            f"{name}: there is no volume {source}" for source in _sources(service) if not _exists(compose, source)
        ]
    return found


def _sources(service: dict[str, Any]) -> list[str]:
    """The host's side of each volume, with the default in place of a variable; required ones are the operator's."""
    plain = [
        VARIABLE.sub(lambda match: match[3] if match[2] == "-" else "?", text) for text in service.get("volumes", [])
    ]
    return [text.partition(":")[0] for text in plain if not text.startswith("?")]


def _exists(compose: Compose, source: str) -> bool:
    if source.startswith("."):
        return source in DATA or (PROJECT / source).is_dir()
    return source in compose["volumes"]


def unwatched(compose: Compose) -> list[str]:
    """Services that run for good without a health check."""
    return [
        f"{name}: no health check"
        for name, service in compose["services"].items()
        if name not in ONE_SHOT and "test" not in service.get("healthcheck", {})
    ]


def other_images(compose: Compose) -> list[str]:
    """Roles of Airflow that run another image than the rest."""
    images = {name: (compose["services"][name]["image"], str(compose["services"][name]["build"])) for name in ROLES}
    return [f"{name}: another image" for name, image in sorted(images.items()) if image != images["scheduler"]]


def unexplained(compose: Compose) -> list[str]:
    """Variables that an operator may set and the documentation does not explain."""
    explained = (PROJECT / "docs" / "deployment.md").read_text(encoding="utf-8")
    names = {match[1] for match in VARIABLE.finditer(yaml.safe_dump(compose, width=10_000))}
    return [f"{name}: not in docs/deployment.md" for name in sorted(names) if f"`{name}`" not in explained]


def given_secrets(compose: Compose) -> list[str]:
    """Secrets with a value or a default: each must be asked for."""
    found = []
    for name, service in compose["services"].items():
        for key, value in service.get("environment", {}).items():
            variables = list(VARIABLE.finditer(str(value)))
            secret = [match for match in variables if SECRET.search(match[1])]
            if any(match[2] != "?" for match in secret) or (SECRET.search(key) and not _is_place(key) and not secret):
                found.append(f"{name}.{key}: a secret must be asked for, ${{NAME:?what it is}}")
    return found


def _is_place(key: str) -> bool:
    return key.endswith("_FILE")


def unknown_settings(compose: Compose) -> list[str]:
    """Settings that neither Airflow nor the code reads."""
    code = "".join(path.read_text(encoding="utf-8") for path in python_files(PROJECT, *ROOMS))
    options = _airflow_options()
    found = []
    for name in sorted(ROLES):
        for key in compose["services"][name]["environment"]:
            section_option = key.removeprefix("AIRFLOW__").lower()
            if key.startswith("AIRFLOW__") and section_option not in options:
                found.append(f"{name}: Airflow has no setting {key}")
            elif key.startswith("SALES_INSIGHTS_") and f'"{key}"' not in code:
                found.append(f"{name}: no code reads {key}")
    return found


def _airflow_options() -> set[str]:
    spec = importlib.util.find_spec("airflow")
    assert spec
    assert spec.origin
    template = Path(spec.origin).parent / "config_templates" / "config.yml"
    sections = yaml.safe_load(template.read_text(encoding="utf-8"))
    return {f"{section}__{option}" for section, content in sections.items() for option in content["options"]}


RULES: list[Callable[[Compose], list[str]]] = [
    dangling,
    unwatched,
    other_images,
    unexplained,
    given_secrets,
    unknown_settings,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_holds(rule: Callable[[Compose], list[str]], compose: Compose) -> None:
    assert set(compose["services"]) > ROLES
    assert rule(compose) == []


BAD: list[tuple[Callable[[Compose], list[str]], str, dict[str, Any]]] = [
    (dangling, "mlflow", {"depends_on": {"redis": {"condition": "service_started"}}}),
    (dangling, "mlflow", {"depends_on": {"init": {"condition": "service_healthy"}}}),
    (dangling, "mlflow", {"volumes": ["nowhere:/mlflow"]}),
    (dangling, "mlflow", {"volumes": ["${SOMEWHERE:-./nowhere}:/mlflow"]}),
    (dangling, "mlflow", {"comand": []}),
    (unwatched, "triggerer", {"healthcheck": {}}),
    (other_images, "triggerer", {"image": "apache/airflow"}),
    (unexplained, "mlflow", {"user": "${NOBODY_EXPLAINS:-1}"}),
    (given_secrets, "mlflow", {"environment": {"A": "${THE_PASSWORD:-hunter2}"}}),
    (given_secrets, "mlflow", {"environment": {"THE_PASSWORD": "hunter2"}}),
    (unknown_settings, "init", {"environment": {"AIRFLOW__CORE__EXECUTR": "LocalExecutor"}}),
    (unknown_settings, "init", {"environment": {"SALES_INSIGHTS_DATTA": "/data"}}),
]


@pytest.mark.parametrize(("rule", "service", "change"), BAD)
def test_what_is_wrong_is_found(
    rule: Callable[[Compose], list[str]], service: str, change: dict[str, Any], compose: Compose
) -> None:
    bad = copy.deepcopy(compose)
    bad["services"][service] |= change
    assert len(rule(bad)) == 1


def test_the_pool_is_the_one_the_dags_wait_for(compose: Compose) -> None:
    pool = re.search(
        r'^WAREHOUSE.* = "(\w+)"$', (PROJECT / "dags" / "parts.py").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert pool
    assert f"airflow pools set {pool[1]} 1 " in compose["services"]["init"]["command"][-1]


def test_the_image_has_the_drivers_of_its_database(compose: Compose) -> None:
    locked = (PROJECT / "requirements.txt").read_text(encoding="utf-8")
    assert "+psycopg2://" in compose["services"]["scheduler"]["environment"]["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    assert re.search(r"^psycopg2-binary==", locked, re.MULTILINE)
    assert re.search(r"^asyncpg==", locked, re.MULTILINE)


def test_the_image_copies_files_that_are_there(compose: Compose) -> None:
    dockerfile = compose["services"]["init"]["build"]["dockerfile_inline"]
    assert re.findall(r"^COPY (\S+)", dockerfile, re.MULTILINE) == ["requirements.txt", "."]
    assert "--require-hashes" in dockerfile
    version = re.search(r'^version = "(.+)"$', (PROJECT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert version
    assert compose["services"]["init"]["image"] == f"sales-insights:{version[1]}"


def _has_compose() -> bool:
    docker = shutil.which("docker")
    return bool(docker) and subprocess.run([str(docker), "compose", "version"], capture_output=True).returncode == 0


@pytest.mark.skipif(not _has_compose(), reason="docker compose is not installed here")
def test_compose_itself_reads_the_file(compose: Compose) -> None:
    required = {match[1]: "x" for match in VARIABLE.finditer(yaml.safe_dump(compose, width=10_000)) if match[2] == "?"}
    run = subprocess.run(
        ["docker", "compose", "--profile", "mlflow", "config", "--quiet"],
        cwd=PROJECT,
        env=os.environ | required,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
