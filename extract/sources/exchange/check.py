"""The prerequisites of the ``exchange`` source: consent, address, token, who is in scope, and their mailboxes."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import quote

from config.errors import ConfigError, SourceRefused, SourceUnavailable
from config.schema.sources.exchange import People, Settings
from config.workspace import Workspace
from extract.check_source import Findings, shortly, silence
from extract.http import Http, Missing, Refused, Rejected
from extract.limiter import Limiter
from extract.sources.exchange.people import InScope, find_people
from extract.sources.exchange.sign_in import GraphToken

SAMPLE: Final = 20
_FIRST: Final = ("consent", "address", "token", "people in scope")
_MAILBOXES: Final = "mailboxes"
_AT_ONCE: Final = 4
_CONSENT: Final = "Write under 'consent' in sources/exchange.yml who accepted the terms, when, and which."
_ENTER: Final = "Set tenant_id, client_id and people in sources/exchange.yml; docs/sources/exchange.md, step 6."
_GRANT: Final = "Grant the application User.Read.All and GroupMember.Read.All with the administrator's consent."


def check(workspace: Workspace, findings: Findings) -> None:
    """See ``extract.check_source.Source``."""
    settings: Settings = workspace.config.sources["exchange"]
    try:
        complete = _check(settings, findings)
    except ConfigError as error:  # the certificates, the secret that is not there, a group that is none
        findings.failed(_FIRST[len(findings.found)], str(error), stops=True)
        complete = False
    if not complete:
        failed = next((one.what for one in findings.found if one.state == "failed"), "")
        findings.not_checked(f"{failed} fails", *_FIRST[len(findings.found) :], _MAILBOXES)


def _check(settings: Settings, findings: Findings) -> bool:
    """Whether all was looked at."""
    if settings.consent is None:
        findings.failed("consent", _CONSENT, stops=True)
        return False  # without consent nobody is asked for anything
    findings.ok("consent", f"{settings.consent.accepted_by}, {settings.consent.accepted_on}: {settings.consent.terms}")
    if not (settings.tenant_id and settings.client_id and settings.people):
        findings.failed("address", _ENTER, stops=True)
        return False
    graph = f"{settings.graph_address.rstrip('/')}/v1.0"
    ca_file = Path(settings.ca_file) if settings.ca_file else None
    silent = silence(f"{graph}/", ca_file, shortly) or silence(settings.login_address, ca_file, shortly)
    if silent:
        findings.failed(
            "address", f"{silent} Does the network let it through, and are graph_address and login_address right?"
        )
        return False
    findings.ok("address", graph)
    with closing(GraphToken(settings)) as token:
        try:
            token()
        except (SourceRefused, SourceUnavailable) as error:
            findings.failed("token", str(error), stops=isinstance(error, SourceRefused))
            return False
        findings.ok("token")
        with Http(token, Limiter(_AT_ONCE), ca_file=ca_file, sleep=shortly) as http:
            people = _people(http, graph, settings.people, findings)
            if people is not None:
                _mailboxes(http, graph, people, findings)
            return people is not None


def _people(http: Http, graph: str, people: People, findings: Findings) -> InScope | None:
    try:
        found = find_people(http, graph, people)
    except Refused as error:
        findings.failed("people in scope", f"{error} {_GRANT}", stops=True)
    except (Missing, Rejected, SourceUnavailable) as error:
        findings.failed("people in scope", str(error))
    else:
        never = f"{len(found.never)} names are excluded or have opted out and are never requested"
        if found.read:
            findings.ok("people in scope", f"{len(found.read)} mailboxes; {never}")
            return found
        findings.failed("people in scope", f"Nobody is in scope; {never}. Correct 'people' in sources/exchange.yml.")
    return None


def _mailboxes(http: Http, graph: str, people: InScope, findings: Findings) -> None:
    """Whether the mailboxes let us in: all of them, or a sample that is spread over the list."""
    count = len(people.read)
    asked = [people.read[number * count // SAMPLE] for number in range(SAMPLE)] if count > SAMPLE else people.read
    said = f"a sample of {SAMPLE} of {count}" if count > SAMPLE else f"all {count}"
    refused = {address: told for address in asked if (told := _refusal(http, graph, address))}
    if not refused:
        findings.ok(_MAILBOXES, f"{said} let us in")
    elif len(refused) == len(asked):
        told = f"none of {said} let us in ({next(iter(refused.values()))})."
        advice = (
            "Grant the application Mail.ReadBasic.All and Calendars.Read with the administrator's consent, or add the"
        )
        findings.failed(_MAILBOXES, f"{told} {advice} people to the group of its access policy.")
    for address, told in refused.items() if len(refused) < len(asked) else ():
        advice = (
            "Add it to the group of the access policy, or take the person out of 'people'; it is skipped meanwhile."
        )
        findings.failed(f"mailbox {address}", f"{told} {advice}")
    if 0 < len(refused) < len(asked):
        findings.ok(_MAILBOXES, f"{len(asked) - len(refused)} of {said} let us in; the others are named above")


def _refusal(http: Http, graph: str, address: str) -> str:
    """Why mail or calendar may not be read; empty where both may. No item of either is asked for."""
    box = f"{graph}/users/{quote(address)}"
    places = {
        "mail": f"{box}/mailFolders/inbox?$select=id",
        "calendar": f"{box}/calendar?$select=id",
    }
    for name, url in places.items():
        try:
            http.get(url)
        except (Refused, Missing, Rejected, SourceUnavailable) as error:
            return f"{name}: {error}"
    return ""
