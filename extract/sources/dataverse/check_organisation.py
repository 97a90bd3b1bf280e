"""What the organisation as a whole should be like: LinkedIn, auditing, the fiscal calendar, managers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from config.errors import SourceRefused, SourceUnavailable
from config.schema.organisation import Organisation
from config.schema.sources.dataverse import Settings
from extract.check_source import Findings
from extract.http import Http, Missing, Rejected
from extract.sources.dataverse.metadata import API, Definition

LINKEDIN, AUDIT, FISCAL, MANAGERS = "LinkedIn solution", "auditing", "fiscal period", "manager hierarchy"
WHATS: Final = (LINKEDIN, AUDIT, FISCAL, MANAGERS)
_SOLUTION: Final = "LinkedInSalesNavigatorControlsForUnifiedClient"
_PREFIX: Final = "li_"
_PERIODS: Final = {"2000": "year", "2001": "half_year", "2002": "quarter", "2003": "month"}
"""Values of organization.fiscalperiodtype."""
_FOUR_WEEKS: Final = "2004"
_COLUMNS: Final = "organizationid,isauditenabled,fiscalcalendarstart,fiscalperiodtype"
_MANAGER: Final = "_parentsystemuserid_value"


def check(
    http: Http, settings: Settings, definitions: Mapping[str, Definition], findings: Findings, expected: Organisation
) -> None:
    """See ``extract.check_source.Source``."""
    ask = _Asking(http, settings.url or "", definitions)
    _attempt(findings, LINKEDIN, "solution", lambda: _linkedin(ask, settings, definitions, findings))
    _attempt(findings, AUDIT, "organization", lambda: _audit(ask, findings))
    _attempt(findings, FISCAL, "organization", lambda: _fiscal(ask, findings, expected))
    _attempt(findings, MANAGERS, "systemuser", lambda: _managers(ask, findings))


class _Asking:
    """Asks for the first rows of a table by its logical name."""

    def __init__(self, http: Http, url: str, definitions: Mapping[str, Definition]) -> None:
        self._http, self._url, self._definitions = http, url, definitions

    def rows(self, table: str, select: str, condition: str = "") -> list[dict[str, Any]]:
        """At most one row.

        Raises:
            Missing, Rejected, SourceRefused, SourceUnavailable: as ``Http.get`` does.
        """
        definition = self._definitions.get(table)
        if definition is None:
            raise Missing(f"{table}: the organisation does not show this table.")
        asked = f"$select={select}&$top=1" + (f"&$filter={quote(condition)}" if condition else "")
        found: list[dict[str, Any]] = self._http.get(f"{self._url}{API}/{definition.entity_set}?{asked}")["value"]
        return found


def _attempt(findings: Findings, what: str, table: str, look: Callable[[], None]) -> None:
    """Look, and where the table cannot be read say that it was not checked, and what would let it be."""
    try:
        look()
    except (SourceRefused, Missing) as error:
        findings.not_checked(f"{table} may not be read: {error} Read on {table} would let it be checked.", what)
    except (Rejected, SourceUnavailable, KeyError) as error:
        findings.not_checked(f"{table} could not be read: {error}", what)


def _linkedin(ask: _Asking, settings: Settings, definitions: Mapping[str, Definition], findings: Findings) -> None:
    mapped = sorted(table.table for table in settings.tables if table.table.startswith(_PREFIX))
    there = sorted(name for name in definitions if name.startswith(_PREFIX))
    installed = bool(ask.rows("solution", "uniquename", f"uniquename eq '{_SOLUTION}'"))
    if installed and mapped:
        findings.ok(LINKEDIN, f"found; read: {', '.join(mapped)}")
    elif installed:
        told = (
            f"found, but none of its tables are read. Map {', '.join(there) or 'li_inmail, li_message'} as activities"
        )
        findings.failed(LINKEDIN, f"{told} of type linkedin in sources/dataverse.yml.")
    elif mapped:
        told = f"not found, but {', '.join(mapped)} should be read. Install it, or take them out of"
        findings.failed(LINKEDIN, f"{told} sources/dataverse.yml.")
    else:
        findings.ok(LINKEDIN, "not installed, and none of its tables are mapped")


def _audit(ask: _Asking, findings: Findings) -> None:
    found = ask.rows("organization", _COLUMNS)
    if found and found[0].get("isauditenabled"):
        findings.ok(AUDIT, "on")
    else:
        findings.ok(AUDIT, "off: the history of a record begins with the first fetch")


def _fiscal(ask: _Asking, findings: Findings, expected: Organisation) -> None:
    (found, *_) = ask.rows("organization", _COLUMNS) or [{}]
    kind, told = str(found.get("fiscalperiodtype") or ""), str(found.get("fiscalcalendarstart") or "")
    if kind == _FOUR_WEEKS:
        findings.failed(FISCAL, "The organisation counts in periods of four weeks, which forecasts are not made for.")
        return
    if kind not in _PERIODS or not told:
        findings.not_checked(
            f"the organisation says nothing that is known of its fiscal year ({kind or 'nothing'})", FISCAL
        )
        return
    theirs = (datetime.fromisoformat(told).month, _PERIODS[kind])
    ours = (expected.fiscal_year.start_month, expected.fiscal_year.period)
    said = f"start_month: {theirs[0]}, period: {theirs[1]}"
    if theirs == ours:
        findings.ok(FISCAL, said)
    else:
        findings.failed(
            FISCAL, f"The organisation has {said}. Set that at fiscal_year in organisation.yml, or leave it on purpose."
        )


def _managers(ask: _Asking, findings: Findings) -> None:
    if ask.rows("systemuser", f"systemuserid,{_MANAGER}", f"{_MANAGER} ne null"):
        findings.ok(MANAGERS)
        return
    told = "No user has a manager (systemuser.parentsystemuserid), so there is nobody to forecast for."
    findings.failed(MANAGERS, f"{told} Set managers in Dynamics 365: Settings, Security, Users, Change Manager.")
