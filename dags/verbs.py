"""How a task calls a verb: in the workspace of the environment, its report to the log, its errors in Airflow's terms.

Not a DAG (see ``.airflowignore``): the one seam between Airflow and the verbs, so that no verb knows Airflow.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol, TypeVar, runtime_checkable

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from config.errors import (
    ConfigError,
    ContractBroken,
    GateNotPassed,
    RequestRefused,
    SalesInsightsError,
    SourceBusy,
    SourceRefused,
)
from config.workspace import Workspace

log = logging.getLogger(__name__)
R = TypeVar("R")
ERROR: Final = "error"
"""Under this key a task leaves what its verb's error said, for the task that sums up."""


@runtime_checkable
class Report(Protocol):
    """What every verb returns."""

    def lines(self) -> list[str]:
        """What a person should read; the first line sums it up."""


def go_on_if(condition: bool, otherwise: str) -> None:
    """Skip this task, and say why, unless the condition holds."""
    if not condition:
        raise AirflowSkipException(otherwise)


def call(verb: Callable[..., Report], *arguments: Any, as_of: str = "") -> list[str]:
    """Run a verb and return its report's lines, which Airflow shows under XCom.

    Raises:
        AirflowSkipException: where a gate stays shut; that is an outcome and no failure.
        AirflowFailException: where retrying cannot help: a person must edit YAML, renew a secret or look at rows.
    """
    return perform(verb, *arguments, as_of=as_of).lines()


def unless_busy(verb: Callable[..., Report], source: str, *, as_of: str = "") -> list[str]:
    """As ``call``, but skip where the source is being read already: what that fetch brings is loaded as well.

    Raises:
        AirflowSkipException: where it is.
    """
    try:
        return call(verb, source, as_of=as_of)
    except SourceBusy as busy:
        raise AirflowSkipException(str(busy)) from busy


def demand(verb: Callable[..., Any], *arguments: Any, as_of: str = "") -> list[str]:
    """As ``call``, but fail where the report, once it is in the log, says that nobody can go on from here.

    Raises:
        AirflowFailException: with what a person must put right.
    """
    report = perform(verb, *arguments, as_of=as_of)
    with _in_airflows_terms():
        report.demand()
    told: list[str] = report.lines()
    return told


def perform(verb: Callable[..., R], *arguments: Any, as_of: str = "") -> R:
    """Run a verb, tell its report in the log, and return what it returned; its errors are in Airflow's terms."""
    with _in_airflows_terms():
        result = verb(Workspace.open(), *arguments, as_of=as_of or None)
    if isinstance(result, Report):
        for line in result.lines():
            log.info(line)
    return result


@contextmanager
def _in_airflows_terms() -> Iterator[None]:
    """Turn the errors of a verb into Airflow's, and leave under XCom what they say."""
    try:
        yield
    except GateNotPassed as shut:
        log.warning("The gate stays shut. %s", shut)
        raise AirflowSkipException(f"The gate stays shut. {shut}") from shut
    except SalesInsightsError as error:
        get_current_context()["ti"].xcom_push(ERROR, str(error))
        if isinstance(error, ConfigError | ContractBroken | RequestRefused | SourceRefused):
            raise AirflowFailException(f"{type(error).__name__}: {error}") from error
        raise
