"""``EntityDefinitions``: tables, their attributes and option sets, as the service describes them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any, Final

from extract.sources.dataverse.emulator import errors
from extract.sources.dataverse.emulator.filters import parse_filter
from extract.sources.dataverse.emulator.schema import Column, Kind, Option, Table
from extract.sources.dataverse.emulator.store import Store

_NAMESPACE: Final = uuid.UUID("0e7ada7a-0000-4000-8000-000000000000")
_TYPES: Final[dict[Kind, str]] = {
    "key": "Uniqueidentifier",
    "string": "String",
    "memo": "Memo",
    "entityname": "EntityName",
    "integer": "Integer",
    "bigint": "BigInt",
    "decimal": "Decimal",
    "double": "Double",
    "money": "Money",
    "boolean": "Boolean",
    "picklist": "Picklist",
    "state": "State",
    "status": "Status",
    "datetime": "DateTime",
    "date": "DateTime",
    "lookup": "Lookup",
}
_CLASSES: Final = {"Uniqueidentifier": "UniqueIdentifier", "Owner": "Lookup", "Customer": "Lookup", "Virtual": ""}
_ONE_TABLE: Final = re.compile(r"^EntityDefinitions\(LogicalName='([^']*)'\)(/.*)?$")
_CAST: Final = "Microsoft.Dynamics.CRM."
_OWN: Final = {"Options", "OptionSet", "GlobalOptionSet", "Targets", "Format", "DateTimeBehavior"}
Item = dict[str, Any]


def answer(store: Store, path: str, options: Mapping[str, str], root: str) -> Item:
    """The answer to a question for metadata.

    Raises:
        ServiceError: where there is no such table, attribute type or property.
    """
    if path == "EntityDefinitions":
        items = [_definition(table) for table in store.tables.values()]
        return {"@odata.context": f"{root}/$metadata#EntityDefinitions", "value": _chosen(items, options)}
    found = _ONE_TABLE.match(path)
    if found is None:
        raise errors.unknown_set(path)
    name, rest = found.group(1), found.group(2) or ""
    if name not in store.tables:
        raise errors.unknown_table(name)
    table = store.tables[name]
    context = f"{root}/$metadata#EntityDefinitions('{name}')"
    if not rest:
        return {"@odata.context": f"{context}/$entity", **_chosen([_definition(table)], options)[0]}
    if rest == "/Attributes":
        items = [_plain(item) for item in _attributes(table)]
        return {"@odata.context": f"{context}/Attributes", "value": _chosen(items, options)}
    wanted = rest.removeprefix(f"/Attributes/{_CAST}")
    if wanted == rest or not wanted.endswith("AttributeMetadata"):
        raise errors.unknown_set(rest.strip("/"))
    items = [item for item in _attributes(table) if item["@odata.type"] == f"#{_CAST}{wanted}"]
    return {"@odata.context": f"{context}/Attributes/{_CAST}{wanted}", "value": _chosen(items, options)}


def _chosen(items: list[Item], options: Mapping[str, str]) -> list[Item]:
    """Filtered and cut to what was selected; navigation properties come only when expanded."""
    if "$filter" in options:
        condition = parse_filter(options["$filter"])
        items = [item for item in items if condition.holds(item)]
    expanded = {
        name.partition("(")[0].strip() for name in re.split(r",(?![^(]*\))", options.get("$expand", "")) if name
    }
    hidden = {"OptionSet", "GlobalOptionSet"} - expanded
    names = [name.strip() for name in options.get("$select", "").split(",") if name.strip()]
    kept = {*names, "MetadataId", "@odata.type", *expanded}
    for item in items:
        for name in names:
            if name not in item:
                raise errors.bad_query(
                    f"Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.Metadata'."
                )
    return [
        {key: value for key, value in item.items() if (key in kept or not names) and key not in hidden}
        for item in items
    ]


def _definition(table: Table) -> Item:
    return {
        "MetadataId": _identifier(table.name),
        "LogicalName": table.name,
        "SchemaName": table.name.capitalize() if not table.custom else table.name,
        "EntitySetName": table.set_name,
        "LogicalCollectionName": table.set_name,
        "CollectionSchemaName": table.set_name.capitalize(),
        "PrimaryIdAttribute": table.key,
        "PrimaryNameAttribute": table.primary_name,
        "ObjectTypeCode": table.code,
        "ChangeTrackingEnabled": table.tracked,
        "IsActivity": table.activity,
        "IsCustomEntity": table.custom,
        "IsIntersect": False,
        "IsPrivate": False,
        "IsAuditEnabled": _managed(table.audited, "canmodifyauditsettings"),
        "DisplayName": _label(table.name.capitalize()),
        "DisplayCollectionName": _label(table.set_name.capitalize()),
    }


def _attributes(table: Table) -> list[Item]:
    """Each column, and the companion that holds its label or name, which cannot be selected."""
    items = []
    for number, column in enumerate(table.readable, 1):
        items.append(_attribute(table, column, number))
        if column.kind == "lookup" or column.labelled:
            items.append(_companion(table, column, number))
    return items


def _plain(item: Item) -> Item:
    """An attribute as its base type tells it."""
    return {key: value for key, value in item.items() if key not in _OWN}


def _attribute(table: Table, column: Column, number: int) -> Item:
    kind = "Owner" if column.name == "ownerid" else _TYPES[column.kind]
    item = _base(table, column.name, kind, number) | {
        "IsCustomAttribute": column.custom,
        "IsPrimaryId": column.name == table.key,
        "IsPrimaryName": column.name == table.primary_name,
        "IsAuditEnabled": _managed(table.audited, "canmodifyauditsettings"),
    }
    if column.labelled:
        item |= {"OptionSet": _option_set(table, column), "GlobalOptionSet": None}
    if column.kind == "lookup":
        item["Targets"] = list(column.targets)
    if _TYPES[column.kind] == "DateTime":
        item["Format"] = "DateOnly" if column.kind == "date" else "DateAndTime"
        item["DateTimeBehavior"] = {"Value": "DateOnly" if column.kind == "date" else "UserLocal"}
    return item


def _companion(table: Table, column: Column, number: int) -> Item:
    kind = "String" if column.kind == "lookup" else "Virtual"
    return _base(table, f"{column.name}name", kind, number) | {
        "AttributeOf": column.name,
        "IsLogical": True,
        "IsCustomAttribute": column.custom,
        "IsPrimaryId": False,
        "IsPrimaryName": False,
        "IsAuditEnabled": _managed(False, "canmodifyauditsettings"),
    }


def _base(table: Table, name: str, kind: str, number: int) -> Item:
    return {
        "@odata.type": f"#{_CAST}{_CLASSES.get(kind, kind)}AttributeMetadata",
        "MetadataId": _identifier(f"{table.name}.{name}"),
        "LogicalName": name,
        "SchemaName": name if "_" in name else name.capitalize(),
        "EntityLogicalName": table.name,
        "AttributeType": kind,
        "AttributeTypeName": {"Value": f"{kind}Type"},
        "AttributeOf": None,
        "IsLogical": False,
        "IsValidForRead": True,
        "ColumnNumber": number,
        "DisplayName": _label(name),
    }


def _option_set(table: Table, column: Column) -> Item:
    common = {"MetadataId": _identifier(f"{table.name}.{column.name}.options"), "Name": f"{table.name}_{column.name}"}
    if column.kind == "boolean":
        no, yes = (_option(column, option) for option in column.options)
        return {**common, "OptionSetType": "Boolean", "FalseOption": no, "TrueOption": yes}
    options = [_option(column, option) for option in column.options]
    return {**common, "OptionSetType": _TYPES[column.kind], "IsGlobal": False, "Options": options}


def _option(column: Column, option: Option) -> Item:
    item: Item = {"Value": option.value, "Color": None, "IsManaged": not column.custom, "Label": _label(option.label)}
    if column.kind == "status":
        item = {"@odata.type": f"#{_CAST}StatusOptionMetadata", "State": option.state, **item}
    return item


def _label(text: str) -> Item:
    one = {"Label": text, "LanguageCode": 1033, "IsManaged": True, "MetadataId": _identifier(text), "HasChanged": None}
    return {"LocalizedLabels": [one], "UserLocalizedLabel": one}


def _managed(value: bool, name: str) -> Item:
    return {"Value": value, "CanBeChanged": True, "ManagedPropertyLogicalName": name}


def _identifier(name: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, name))
