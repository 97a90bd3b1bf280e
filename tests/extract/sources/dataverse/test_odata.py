"""What OData v4 lets a service do that the stranger's does not: inherited columns, relative links, refusals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from config.errors import ConfigError, ContractBroken, SourceRefused
from extract.demo.emulated import Emulated
from extract.fetch import fetch
from extract.sources.dataverse.csdl import Described
from tests.extract.sources.dataverse.organisation import packaged_keys
from tests.extract.sources.dataverse.test_stranger import FIRST, SECOND, workspace

CSDL: Final = b"""<?xml version="1.0" encoding="UTF-8"?>
<edmx:Edmx Version="4.01" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="Acme.Things" Alias="Self">
  <EnumType Name="Mood"><Member Name="Good"/></EnumType>
  <TypeDefinition Name="Weight" UnderlyingType="Edm.Decimal"/>
  <ComplexType Name="Place"><Property Name="City" Type="Edm.String"/></ComplexType>
  <EntityType Name="Thing" Abstract="true"><Key><PropertyRef Name="ID"/></Key>
    <Property Name="ID" Type="Edm.Guid"/><Property Name="At" Type="Edm.DateTimeOffset"/></EntityType>
  <EntityType Name="Offer" BaseType="Self.Thing">
    <Property Name="Mood" Type="Self.Mood"/><Property Name="Weight" Type="Acme.Things.Weight"/>
    <Property Name="Where" Type="Self.Place"/><Property Name="Many" Type="Collection(Edm.String)"/>
    <NavigationProperty Name="Lines" Type="Collection(Self.Line)"/></EntityType>
  <EntityType Name="Line"><Key><PropertyRef Name="Offer"/><PropertyRef Name="No"/></Key>
    <Property Name="Offer" Type="Edm.Guid"/><Property Name="No" Type="Edm.Int32"/></EntityType>
</Schema>
<Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="Acme.Api"><EntityContainer Name="All">
  <EntitySet Name="Offers" EntityType="Acme.Things.Offer"/><EntitySet Name="Lines" EntityType="Acme.Things.Line"/>
  <EntitySet Name="Others" EntityType="Acme.Things.Offer"/><EntitySet Name="Circle" EntityType="Acme.Things.Offer"/>
</EntityContainer></Schema>
</edmx:DataServices></edmx:Edmx>"""
OFFERS: Final = {"table": "Offers", "entity": "leads", "columns": {"lead_id": "ID", "topic": "Mood"}, "cursor": "At"}
OTHERS: Final = {"table": "Others", "entity": "contacts", "columns": {"contact_id": "ID"}, "cursor": "At"}
CIRCLE: Final = {"table": "Circle", "entity": "accounts", "columns": {"account_id": "ID"}}
LINES: Final = {"table": "Lines", "entity": "notes", "columns": {"note_id": "No"}}


def offers(request: Request) -> Response:
    """Two pages of one row; filters are not known here, of which one says so and the other has a fault."""
    if "$filter" in request.query_params:
        status = 501 if request.url.path.endswith("Offers") else 500
        return JSONResponse({"error": {"code": "NotSupported", "message": "No filters."}}, status)
    second = request.query_params.get("$skiptoken") == "x/2"
    row = {"ID": "b" if second else "a", "Mood": "Good", "At": "2026-06-01T10:00:00+02:00"}
    more = {} if second else {"@odata.nextLink": "Offers?$skiptoken=x%2F2"}
    return JSONResponse({"@odata.context": "../api/$metadata#Offers", "value": [row], **more})


def circle(request: Request) -> Response:
    """A page that never ends."""
    return JSONResponse({"value": [{"ID": "a"}], "@odata.nextLink": str(request.url)})


def closed(request: Request) -> Response:
    assert "authorization" not in request.headers
    return JSONResponse({"error": {"code": "NoToken", "message": "Who are you?"}}, 401)


def described(_: Request) -> Response:
    return Response(CSDL, media_type="application/xml")


@pytest.fixture(scope="module")
def service() -> Iterator[Emulated]:
    routes = [
        Route("/api/$metadata", described),
        Route("/api/Offers", offers),
        Route("/api/Others", offers),
        Route("/api/Circle", circle),
    ]
    shut = [Route("/shut/$metadata", closed)]
    with Emulated(Starlette(routes=[*routes, *shut])) as served:
        yield served


def test_columns_of_base_types_enumerations_and_definitions() -> None:
    found = Described(CSDL)
    assert {name: item.key for name, item in found.definitions().items()} == {
        "Offers": "ID",
        "Lines": "Offer,No",
        "Others": "ID",
        "Circle": "ID",
    }
    kinds = {name: column.kind for name, column in found.columns("Offers").items()}
    assert kinds == {"ID": "String", "At": "DateTime", "Mood": "String", "Weight": "Decimal"}


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (b"<!DOCTYPE html><title>Sign in</title>", "has a document type"),
        (b"<edmx:Edmx", "is no XML"),
        (CSDL.replace(b'docs.oasis-open.org/odata/ns/edm"', b'schemas.microsoft.com/ado/2009/11/edm"'), "no schema"),
    ],
)
def test_a_document_that_is_no_csdl(document: bytes, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Described(document)


def test_relative_links_keys_of_two_columns_and_filters_that_are_not_known(tmp_path: Path, service: Emulated) -> None:
    def read(day: str) -> Any:
        settings = {"ca_file": str(service.ca_file), "tables": [OFFERS, LINES, OTHERS, CIRCLE]}
        return fetch(workspace(tmp_path, f"{service.url}/api", **settings), "dataverse", as_of=day)

    first = read(FIRST)
    assert packaged_keys(first) == {"Offers": (2, 0), "Others": (2, 0)}
    key, endless = first.fetched.problems
    assert "Circle: a page says that it comes after itself" in endless.message
    assert "its key is 'Offer,No', and only a table whose key is one column can be read" in key.message
    with pytest.raises(ContractBroken) as second:  # nothing at all could be read
        read(SECOND)
    advice = "Cannot it be filtered by At? Then take 'cursor' out"
    assert f"Offers (leads): 127.0.0.1/api/Offers: HTTP 501 NotSupported: No filters. {advice}" in str(second.value)
    assert f"the service has a fault (HTTP 500), also after 10 tries. Wait; it is tried again. {advice}" in str(
        second.value
    )


def test_http_goes_where_no_token_does_or_nowhere_else(tmp_path: Path) -> None:
    private = {"auth": "client_credentials", "tenant_id": "t", "client_id": "c"}
    assert workspace(tmp_path / "open", "http://sales.example/odata").config.sources["dataverse"].url
    assert workspace(tmp_path / "here", "http://localhost:8080", **private).config.sources["dataverse"].url
    for number, address in enumerate(("http://sales.example/odata", "http://127.0.0.1.example", "ftp://sales.example")):
        with pytest.raises(ConfigError, match=r"in the clear; write https://|it begins with https://"):
            workspace(tmp_path / str(number), address, **private)
    with pytest.raises(ConfigError, match=r"authority: 'http://login\.example' is no address for a secret"):
        workspace(tmp_path / "authority", "https://sales.example", authority="http://login.example")


def test_a_service_that_wants_a_token(tmp_path: Path, service: Emulated) -> None:
    with pytest.raises(SourceRefused, match="Who are you"):
        fetch(workspace(tmp_path, f"{service.url}/shut", ca_file=str(service.ca_file)), "dataverse", as_of=FIRST)
