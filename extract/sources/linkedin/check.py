"""The prerequisites of the ``linkedin`` source: terms, exports or the API that makes them, seats, each told once."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from config.errors import ConfigError, SourceUnavailable
from config.schema.sources.dataverse import Settings as Dataverse
from config.schema.sources.linkedin import Settings
from config.workspace import Workspace
from extract.check_source import Findings, shortly, silence
from extract.http import Http, Missing, Refused, Rejected
from extract.limiter import Limiter
from extract.sources.linkedin.jobs import AccessToken, ask_for_no_job
from extract.sources.linkedin.table import is_activities

_TERMS: Final = "Write under 'terms' in sources/linkedin.yml who has agreed, and when."
_WRITTEN_BACK: Final = {"li_inmail": "INMAIL_SENT", "li_message": "MESSAGE_SENT"}


def check(workspace: Workspace, findings: Findings) -> None:
    """See ``extract.check_source.Source``."""
    settings: Settings = workspace.config.sources["linkedin"]
    if settings.terms is None:
        findings.failed("terms", _TERMS, stops=True)
    else:
        findings.ok("terms", f"{settings.terms.accepted_by}, {settings.terms.accepted_on}")
    if settings.folder:
        _folder(Path(settings.folder), findings)
    elif settings.contract:
        _contract(settings, findings)
    else:
        findings.failed("exports", "Name a folder of exports, or a contract, in sources/linkedin.yml.", stops=True)
    _seats(settings, findings)
    _told_once(settings, workspace.config.sources["dataverse"], findings)


def _folder(folder: Path, findings: Findings) -> None:
    if not folder.is_dir():
        findings.failed("exports", f"{folder}: there is no such folder. Correct folder in sources/linkedin.yml.")
        return
    count = sum(is_activities(path) for path in folder.glob("*.csv"))
    if count:
        findings.ok("exports", f"{count} activity exports in {folder}")
    else:
        findings.failed(
            "exports", f"{folder}: no CSV in it is an activity export; docs/sources/linkedin.md says which."
        )


def _contract(settings: Settings, findings: Findings) -> None:
    ca_file = Path(settings.ca_file) if settings.ca_file else None
    try:
        token = AccessToken(settings)
        silent = silence(settings.address, ca_file, shortly)
    except ConfigError as error:  # the token that is not there, certificates that cannot be read
        findings.failed("exports", str(error), stops=True)
        return
    if silent:
        findings.failed("exports", f"{silent} Does the network let it through, and is address right?")
        return
    with Http(token, Limiter(1), ca_file=ca_file, sleep=shortly) as http:
        try:
            ask_for_no_job(http, settings)
        except Refused as error:
            advice = "Renew the access token, and ask for reporting access to the contract."
            findings.failed("exports", f"{error} {advice}", stops=True)
        except (Rejected, SourceUnavailable) as error:
            findings.failed("exports", str(error))
        except Missing:  # as it must be: there is no such job, and we were let in to be told so
            findings.ok("exports", f"export jobs of {settings.contract}")
        else:
            findings.ok("exports", f"export jobs of {settings.contract}")


def _seats(settings: Settings, findings: Findings) -> None:
    if settings.seats:
        findings.ok("seats", f"{len(settings.seats)} seats are users")
    else:
        findings.failed("seats", "No seat is a user, so no activity has an owner. List them under 'seats'.")


def _told_once(settings: Settings, dataverse: Dataverse, findings: Findings) -> None:
    """InMails and messages that come with Dataverse as well would count twice: nothing tells that they are the same."""
    read = {table.table for table in dataverse.tables} if dataverse.enabled else set()
    twice = sorted(table for table, kind in _WRITTEN_BACK.items() if table in read and kind in settings.types)
    if twice:
        told = (
            f"The dataverse source reads {' and '.join(twice)}, and types takes the same activities from the exports."
        )
        advice = "Set types: [CONNECTION_MADE], or take these tables out of sources/dataverse.yml."
        findings.failed("told once", f"{told} {advice}")
    else:
        findings.ok("told once")
