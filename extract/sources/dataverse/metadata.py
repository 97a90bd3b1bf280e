"""What an organisation says about its own tables: entity set, key, columns, option sets, change tracking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from extract.http import Http

API: Final = "/api/data/v9.2"
_CAST: Final = "Microsoft.Dynamics.CRM."
_LABELLED: Final = ("Picklist", "MultiSelectPicklist", "State", "Status", "Boolean")
_LOOKUPS: Final = frozenset({"Lookup", "Customer", "Owner"})
_NUMBERS: Final = frozenset({"Integer", "BigInt", "Decimal", "Double", "Money"})
_TIDY: Final = _NUMBERS | _LOOKUPS | {"Uniqueidentifier", "DateTime", "Picklist", "State", "Status", "Boolean"}
_UNREADABLE: Final = frozenset({"Virtual", "PartyList", "ManagedProperty", "CalendarRules"})
Label = Mapping[object, str]


@dataclass(frozen=True)
class Column:
    """A column under its logical name. ``labels``: of an option set, value as it is served to label."""

    name: str
    kind: str
    is_custom: bool
    labels: Label | None = None

    @property
    def served_as(self) -> str:
        """Its name in the Web API."""
        return f"_{self.name}_value" if self.is_lookup else self.name

    @property
    def is_lookup(self) -> bool:
        """Whether it holds the key of a row."""
        return self.kind in _LOOKUPS

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers by type."""
        return self.kind in _NUMBERS

    @property
    def is_tidy(self) -> bool:
        """Whether its values are no texts that somebody entered, which may have white space around them."""
        return self.kind in _TIDY


@dataclass(frozen=True)
class Definition:
    """A table as its service describes it, still without its columns.

    Attributes:
        name: as a mapping names it.
        entity_set: its name in an address.
        key: the column that identifies a row.
        is_tracked: its changes and deletions are told.
        is_audited: earlier versions of its rows are kept.
        changes_are_dated: every change moves ``versionnumber`` and ``modifiedon`` on, where the table has them.
    """

    name: str
    entity_set: str
    key: str
    is_tracked: bool
    is_audited: bool = False
    changes_are_dated: bool = True


def read_definitions(http: Http, url: str) -> dict[str, Definition]:
    """All tables of the organisation by logical name."""
    names = "LogicalName,EntitySetName,PrimaryIdAttribute,ChangeTrackingEnabled,IsAuditEnabled"
    return {
        item["LogicalName"]: Definition(
            item["LogicalName"],
            item["EntitySetName"],
            item["PrimaryIdAttribute"],
            bool(item["ChangeTrackingEnabled"]),
            bool((item.get("IsAuditEnabled") or {}).get("Value")),
        )
        for item in _values(http, f"{url}{API}/EntityDefinitions?$select={names}")
        if item.get("EntitySetName") and item.get("PrimaryIdAttribute")
    }


def read_columns(http: Http, url: str, table: str, *, labelled: bool) -> dict[str, Column]:
    """The columns of a table that can be read, by logical name.

    Args:
        http: the client.
        url: the organisation's address.
        table: logical name.
        labelled: whether the labels of option sets are needed, which costs five more requests.
    """
    place = f"{url}{API}/EntityDefinitions(LogicalName='{table}')/Attributes"
    names = "LogicalName,AttributeType,AttributeTypeName,AttributeOf,IsValidForRead,IsCustomAttribute"
    items = list(_values(http, f"{place}?$select={names}"))
    labels: dict[str, Label] = {}
    for kind in _LABELLED if labelled else ():
        expand = "OptionSet" if kind == "Boolean" else "OptionSet,GlobalOptionSet"
        asked = f"{place}/{_CAST}{kind}AttributeMetadata?$select=LogicalName&$expand={expand}"
        labels |= {item["LogicalName"]: _labels(item) for item in _values(http, asked)}
    return {
        item["LogicalName"]: Column(
            item["LogicalName"], _kind(item), bool(item.get("IsCustomAttribute")), labels.get(item["LogicalName"])
        )
        for item in items
        if item.get("IsValidForRead") and not item.get("AttributeOf") and _kind(item) not in _UNREADABLE
    }


def _kind(item: Mapping[str, Any]) -> str:
    """The type; option sets of several choices are Virtual by their old name."""
    name = str((item.get("AttributeTypeName") or {}).get("Value", ""))
    return "MultiSelectPicklist" if name == "MultiSelectPicklistType" else str(item["AttributeType"])


def _labels(item: Mapping[str, Any]) -> Label:
    found = item.get("OptionSet") or item.get("GlobalOptionSet") or {}
    if "TrueOption" in found:
        return {value: _label(found[name]) for value, name in ((True, "TrueOption"), (False, "FalseOption"))}
    return {str(option["Value"]): _label(option) for option in found.get("Options", [])}


def _label(option: Mapping[str, Any]) -> str:
    label = option["Label"].get("UserLocalizedLabel") or {}
    return str(label.get("Label") or option["Value"])


def _values(http: Http, address: str) -> Iterator[dict[str, Any]]:
    following: str | None = address
    while following:
        answer = http.get(following)
        yield from answer["value"]
        following = answer.get("@odata.nextLink")
