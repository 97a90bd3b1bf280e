"""The prerequisites of the ``dataverse`` source: address, token, the application's user, every table, the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from config.errors import ConfigError, SourceRefused, SourceUnavailable
from config.schema.organisation import Organisation
from config.schema.sources.dataverse import Settings, Table
from config.workspace import Workspace
from extract.check_source import Findings, shortly, silence
from extract.http import Http, Missing, Refused, Rejected
from extract.sources.dataverse import check_organisation
from extract.sources.dataverse.fetch import client, may_not_read
from extract.sources.dataverse.metadata import Column, Definition
from extract.sources.dataverse.plan import Plan, Unmapped, missing_table, plan
from extract.sources.dataverse.service import Service, service_of

_TROUBLES: Final = (Missing, Rejected, SourceRefused, SourceUnavailable)
_FIRST: Final = ("address", "token", "user of the application", "definitions of tables")
_FIRST_ELSEWHERE: Final = ("address", "definitions of tables")
"""With another service than Dataverse: it has no users to ask for, and a token only where auth says so."""
_ENTER: Final = "Set url, tenant_id, client_id and terms in sources/dataverse.yml; docs/sources/dataverse.md, step 4."
_USER: Final = (
    "Make the application an application user of this organisation with a role of its own (docs/sources/dataverse.md, "
    "step 2), and see that url is the right one."
)


def check(workspace: Workspace, findings: Findings) -> None:
    """See ``extract.check_source.Source``."""
    settings: Settings = workspace.config.sources["dataverse"]
    organisation = workspace.config.organisation
    is_dataverse = settings.service == "dataverse"
    first = _FIRST if is_dataverse else _FIRST_ELSEWHERE
    later = [*(_what(table) for table in settings.tables), *(check_organisation.WHATS if is_dataverse else ())]
    if settings.terms:
        findings.ok("terms", f"accepted by {settings.terms.accepted_by} on {settings.terms.accepted_on}")
    else:
        findings.failed("terms", "Write under 'terms' in sources/dataverse.yml who has agreed, and when.", stops=True)
    lake = settings.synapse_link  # what is in a lake is read whatever the service says
    if lake:
        findings.ok("lake", f"{lake.folder}: what is there is read from there")
    if lake and not settings.url:
        findings.not_checked("only the lake is read", "address", *first[1:], *later)
        return
    if not (settings.url and (settings.auth == "none" or (settings.tenant_id and settings.client_id))):
        findings.failed("address", _ENTER, stops=not lake)
        findings.not_checked("there is no address", *first[1:], *later)
        return
    reached = len(findings.found)
    try:
        definitions = _signed_in(settings, findings, organisation)
    except ConfigError as error:  # the certificates, or the secret that is not there
        findings.failed(first[len(findings.found) - reached], str(error), stops=not lake)
        definitions = None
    if definitions is None:
        failed = findings.found[-1].what
        findings.not_checked(f"{failed} fails", *first[len(findings.found) - reached :], *later)


def _signed_in(settings: Settings, findings: Findings, organisation: Organisation) -> dict[str, Definition] | None:
    """All that is looked at; None where it ended with a failure before the first table."""
    ca_file = Path(settings.ca_file) if settings.ca_file else None
    silent = silence(f"{settings.url}/", ca_file, shortly)
    if silent:
        findings.failed(
            "address", f"{silent} Is url in sources/dataverse.yml right, and does the network let it through?"
        )
        return None
    findings.ok("address", str(settings.url))
    with client(settings, sleep=shortly) as http:
        service = service_of(http, settings)
        is_dataverse = settings.service == "dataverse"
        definitions = (
            _let_in(findings, http, service, stops=settings.synapse_link is None)
            if is_dataverse
            else _described(findings, service)
        )
        if definitions is not None:
            for table in settings.tables:
                _check_table(http, service, settings, table, definitions, findings, organisation.time_zone)
        if definitions is not None and is_dataverse:
            check_organisation.check(http, settings, definitions, findings, organisation)
        return definitions


def _described(findings: Findings, service: Service) -> dict[str, Definition] | None:
    """What a service that is no Dataverse says about its tables."""
    what = _FIRST_ELSEWHERE[-1]
    try:
        definitions = service.definitions()
    except Refused as error:
        findings.failed(what, f"{error} Does the service want a token? Then set auth.", stops=True)
    except SourceRefused as error:
        findings.failed(what, str(error), stops=True)
    except SourceUnavailable as error:
        findings.failed(what, str(error))
    else:
        findings.ok(what, f"{len(definitions):,} tables")
        return definitions
    return None


def _let_in(findings: Findings, http: Http, service: Service, *, stops: bool) -> dict[str, Definition] | None:
    """Token, user and definitions: each needs the one before. ``stops``: nothing can be read without them."""
    told = "token"
    try:
        who = http.get(f"{service.root}/WhoAmI")
        findings.ok("token")
        findings.ok("user of the application", str(who.get("UserId", "")))
        told = "definitions of tables"
        definitions = service.definitions()
    except Refused as error:
        if told == "token":
            findings.ok("token")
            findings.failed("user of the application", f"{error} {_USER}", stops=stops)
        else:
            advice = "Give the role of the application Read on Entity, Attribute and Relationship."
            findings.failed(told, f"{error} {advice}", stops=stops)
    except SourceRefused as error:
        findings.failed(told, str(error), stops=stops)
    except (Missing, Rejected) as error:
        if told == "token":
            findings.ok("token")
            told = "user of the application"
        findings.failed(told, f"{error} Is url in sources/dataverse.yml the address of a Dynamics 365 organisation?")
    except SourceUnavailable as error:
        findings.failed(told, str(error))
    else:
        findings.ok("definitions of tables", f"{len(definitions):,} tables")
        return definitions
    return None


def _what(table: Table) -> str:
    return f"table {table.table} ({table.entity})"


def _check_table(  # noqa: PLR0913 - all of it is looked at
    http: Http,
    service: Service,
    settings: Settings,
    table: Table,
    definitions: dict[str, Definition],
    findings: Findings,
    time_zone: str,
) -> None:
    """There, its mapped columns there, and it may be read; how its changes are followed, and what of its own it has."""
    what, definition = _what(table), definitions.get(table.table)
    if definition is None:
        findings.failed(what, missing_table(table, definitions).message)
        return
    try:
        columns = service.columns(table.table, labelled=table.custom_columns)
        made = plan(table, definition, columns, time_zone)
        http.get(f"{service.root}/{definition.entity_set}?$select={','.join(made.select)}&$top=1")
    except Unmapped as error:
        findings.failed(what, str(error))
    except Refused as error:
        findings.failed(what, f"{error} {may_not_read(table, settings)}")
    except _TROUBLES as error:
        findings.failed(what, str(error))
    else:
        findings.ok(what, "; ".join(_remarks(settings, table, made, columns)))


def _remarks(settings: Settings, table: Table, made: Plan, columns: dict[str, Column]) -> list[str]:
    told = []
    if table.custom_columns:
        own = sum(column.is_custom for column in columns.values())
        told.append(f"{own} custom columns")
    if made.definition.is_tracked:
        return told
    every = f"all of it every {settings.reconcile_days} days to find deletions"
    how = f"read by {made.cursor}, and {every}" if made.cursor else "it is read whole each time"
    if settings.service == "odata":
        return [how]
    return [*told, f"change tracking is off: {how}. Switch on 'Track changes' to see deletions at once"]
