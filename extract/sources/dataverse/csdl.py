"""What any OData v4 service says about its tables: its ``$metadata`` document, which is CSDL as XML."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Final

from config.errors import SourceRefused
from extract.http import Http, Missing, Rejected
from extract.sources.dataverse.metadata import Column, Definition

_V4: Final = "{http://docs.oasis-open.org/odata/ns/edm}"
"""The namespace of versions 4.0 and 4.01; earlier versions have others."""
_KINDS: Final = {
    **dict.fromkeys(("Edm.Byte", "Edm.SByte", "Edm.Int16", "Edm.Int32"), "Integer"),
    "Edm.Int64": "BigInt",
    "Edm.Decimal": "Decimal",
    **dict.fromkeys(("Edm.Double", "Edm.Single"), "Double"),
    "Edm.Boolean": "Boolean",
    "Edm.DateTimeOffset": "DateTime",
    **dict.fromkeys(("Edm.String", "Edm.Guid", "Edm.Date", "Edm.TimeOfDay", "Edm.Duration", "Edm.Binary"), "String"),
}
"""Type to the kind of a column; what is not here is no single value, and is left out."""
_ROOT: Final = "Is url in sources/dataverse.yml the address that $metadata is under, and is it OData version 4?"


class ODataService:
    """Any service that speaks OData v4; its tables are its entity sets, its columns their properties.

    Args:
        http: the client.
        root: the address of the service; entity sets and ``$metadata`` are right under it.
    """

    def __init__(self, http: Http, root: str) -> None:
        self.root = root
        self._http = http
        self._described: Described | None = None

    def definitions(self) -> dict[str, Definition]:
        """All entity sets by name.

        Raises:
            SourceRefused: where there is no such document, or it is none of OData v4.
            SourceUnavailable: as ``Http.read`` does.
        """
        return self._document().definitions()

    def columns(self, table: str, *, labelled: bool) -> dict[str, Column]:  # noqa: ARG002 - there are no labels
        """The properties of an entity set that hold one value, by name."""
        return self._document().columns(table)

    def _document(self) -> Described:
        if self._described is None:
            try:
                self._described = Described(self._http.read(f"{self.root}/$metadata", {"Accept": "application/xml"}))
            except (Missing, Rejected) as error:
                raise SourceRefused(f"{str(error).rstrip('.')}. {_ROOT}") from error
            except ValueError as error:
                raise SourceRefused(f"{self.root}/$metadata: {error} {_ROOT}") from error
        return self._described


class Described:
    """A ``$metadata`` document.

    Raises:
        ValueError: where it is none of OData v4.
    """

    def __init__(self, document: bytes) -> None:
        if b"<!DOCTYPE" in document:  # CSDL has none; without one there are no entities that could grow without end
            raise ValueError("the answer is a page or has a document type, which $metadata never has.")
        try:
            schemas = list(ET.fromstring(document).iter(f"{_V4}Schema"))  # noqa: S314 - see above
        except ET.ParseError as error:
            raise ValueError(f"the answer is no XML ({error}).") from error
        if not schemas:
            raise ValueError("the answer has no schema of OData v4.")
        self._sets = {
            item.get("Name", ""): item.get("EntityType", "") for one in schemas for item in one.iter(f"{_V4}EntitySet")
        }
        self._types = {
            f"{prefix}.{item.get('Name')}": item
            for one in schemas
            for prefix in (one.get("Namespace"), one.get("Alias"))
            if prefix
            for item in one
        }

    def definitions(self) -> dict[str, Definition]:
        """All entity sets by name; a key of several columns has all their names, with commas."""
        return {
            name: Definition(name, name, ",".join(self._keys(kind)), is_tracked=False, changes_are_dated=False)
            for name, kind in self._sets.items()
        }

    def columns(self, table: str) -> dict[str, Column]:
        """The properties of an entity set that hold one value, those of base types too, by name."""
        told: dict[str, Column] = {}
        for kind in self._with_bases(self._sets[table]):
            for item in kind.iter(f"{_V4}Property"):
                name, of = item.get("Name", ""), self._kind(item.get("Type", ""))
                if of is not None:
                    told[name] = Column(name, of, is_custom=False)
        return told

    def _keys(self, kind: str) -> list[str]:
        place = f"{_V4}Key/{_V4}PropertyRef"
        return [item.get("Name", "") for one in self._with_bases(kind) for item in one.iterfind(place)]

    def _with_bases(self, kind: str) -> Iterator[ET.Element]:
        seen: set[str] = set()
        while kind in self._types and kind not in seen:
            seen.add(kind)
            yield self._types[kind]
            kind = self._types[kind].get("BaseType", "")

    def _kind(self, told: str) -> str | None:
        """The kind of a column; None for what is no single value. An enumeration is served by its names."""
        found = self._types.get(told)
        if found is None:
            return _KINDS.get(told)
        if found.tag == f"{_V4}EnumType":
            return "String"
        return _KINDS.get(found.get("UnderlyingType", "")) if found.tag == f"{_V4}TypeDefinition" else None
