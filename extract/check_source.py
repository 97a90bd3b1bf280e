"""``check_source``: are the prerequisites of a source there? One by one, and for each that fails what to do.

Nothing is read but what the answer needs, nothing is written, the warehouse stays shut.
"""

from __future__ import annotations

import importlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, Literal, Protocol

import httpx

from config.errors import ConfigError, SourceRefused
from config.workspace import Workspace
from extract.certificates import trusted
from extract.http import place

log: Final = logging.getLogger(__name__)
SOURCES: Final = Path(__file__).parent / "sources"
State = Literal["ok", "failed", "not checked"]
_TRIES: Final = 3
_TIMEOUT_S: Final = 20.0
_LONGEST_PAUSE_S: Final = 0.2


@dataclass(frozen=True)
class Finding:
    """One prerequisite.

    Attributes:
        what: in a few words.
        state: ok, failed, or not checked.
        remark: what to do; of what was not checked why; of what is ok whatever is worth knowing, or nothing.
        stops: as long as it fails nothing of the source can be read, and waiting does not help.
    """

    what: str
    state: State
    remark: str = ""
    stops: bool = False


@dataclass
class Findings:
    """The prerequisites of one source, in the order in which they were looked at."""

    found: list[Finding] = field(default_factory=list)

    def ok(self, what: str, remark: str = "") -> None:
        """It is there."""
        self.found.append(Finding(what, "ok", remark))

    def failed(self, what: str, remark: str, *, stops: bool = False) -> None:
        """It is not there; the remark says what to do."""
        self.found.append(Finding(what, "failed", remark, stops))

    def not_checked(self, because: str, *whats: str) -> None:
        """Something before it failed."""
        self.found += [Finding(what, "not checked", f"because {because}") for what in whats]


class Source(Protocol):
    """What ``extract/sources/<source>/check.py`` offers."""

    def check(self, workspace: Workspace, findings: Findings) -> None:
        """Look at one prerequisite after the other. What fails is a finding; nothing is raised."""


@dataclass(frozen=True)
class CheckReport:
    """The prerequisites of one source."""

    source: str
    enabled: bool
    findings: tuple[Finding, ...]

    @property
    def failed(self) -> tuple[Finding, ...]:
        """What is missing."""
        return tuple(finding for finding in self.findings if finding.state == "failed")

    def lines(self) -> list[str]:
        """The sum and a table: what, state, what to do."""
        count, failed = len(self.findings), len(self.failed)
        unknown = sum(finding.state == "not checked" for finding in self.findings)
        off = "" if self.enabled else " (switched off)"
        told = f"all {count} prerequisites are there" if not failed + unknown else f"{failed} of {count} fail"
        first = f"{self.source}{off}: {told}" + (f", {unknown} could not be checked." if unknown else ".")
        width = max((len(finding.what) for finding in self.findings), default=4)
        rows = [("what", "state", "what to do"), *((one.what, one.state, one.remark) for one in self.findings)]
        return [first, *(f"  {what:<{width}}  {state:<11}  {remark}".rstrip() for what, state, remark in rows)]

    def demand(self) -> None:
        """Go on only where something can be read.

        Raises:
            SourceRefused: where somebody has to put right what is missing before anything can be read.
        """
        missing = [f"{one.what}: {one.remark}" for one in self.failed if one.stops]
        if missing:
            raise SourceRefused(f"{self.source} cannot be read. " + "\n".join(missing))


def check_source(workspace: Workspace, source: str, *, as_of: date | str | None = None) -> CheckReport:
    """Verify the prerequisites of a source, whether or not it is switched on.

    Args:
        workspace: the organisation.
        source: a folder of ``extract/sources``, e.g. ``dataverse``.
        as_of: as every verb takes it; the prerequisites are those of now.

    Raises:
        ConfigError: where there is no such source.
    """
    workspace.day(as_of)
    known = sorted(path.parent.name for path in SOURCES.glob("*/check.py"))
    if source not in known or source not in workspace.config.sources:
        raise ConfigError(f"There is no source '{source}'. Sources that can be checked: {', '.join(known)}.")
    module: Source = importlib.import_module(f"extract.sources.{source}.check")
    findings = Findings()
    module.check(workspace, findings)
    report = CheckReport(source, workspace.config.sources[source].enabled, tuple(findings.found))
    for finding in report.failed:
        log.warning("%s: %s fails: %s", source, finding.what, finding.remark)
    return report


def silence(address: str, ca_file: Path | None, sleep: Callable[[float], None] = time.sleep) -> str:
    """Why nobody answers at an address; empty where anybody does, whatever is answered. No token is sent.

    Raises:
        ConfigError: where ``ca_file`` cannot be read.
    """
    told = ""
    with httpx.Client(verify=trusted(ca_file), timeout=_TIMEOUT_S) as client:
        for attempt in range(_TRIES):
            if attempt:
                sleep(_LONGEST_PAUSE_S)
            try:
                client.get(address)
            except httpx.HTTPError as error:
                untrusted = "CERTIFICATE_VERIFY" in str(error)
                why = "its certificate is not trusted, see ca_file" if untrusted else type(error).__name__
                told = f"{place(address)} does not answer ({why})."
            else:
                return ""
    return told


def shortly(seconds: float) -> None:
    """How a check waits between two tries: somebody looks on, and a fetch has patience enough of its own."""
    time.sleep(min(seconds, _LONGEST_PAUSE_S))
