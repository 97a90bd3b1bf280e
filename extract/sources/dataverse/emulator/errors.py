"""Errors as the Web API words them: an HTTP status, a code, a message."""

from __future__ import annotations

import json
from collections.abc import Mapping


class ServiceError(Exception):
    """An answer that is none: what the Web API says instead."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})

    @property
    def body(self) -> bytes:
        """The error as JSON."""
        return json.dumps({"error": {"code": self.code, "message": self.message}}).encode()


def bad_query(message: str) -> ServiceError:
    """A query that the service does not understand."""
    return ServiceError(400, "0x80060888", message)


def unknown_property(name: str, table: str) -> ServiceError:
    """A column that the table does not have."""
    return bad_query(f"Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.{table}'.")


def unknown_set(name: str) -> ServiceError:
    """An entity set that does not exist."""
    return ServiceError(404, "0x8006088a", f"Resource not found for the segment '{name}'.")


def unknown_row(table: str, key: str) -> ServiceError:
    """A row that does not exist."""
    return ServiceError(404, "0x80040217", f"{table} With Id = {key} Does Not Exist")


def unknown_table(name: str) -> ServiceError:
    """A table that the metadata do not know."""
    message = f"Could not find an entity with name {name} and RequestName: RetrieveEntity in the metadata cache."
    return ServiceError(404, "0x80060888", message)


def not_tracked(table: str) -> ServiceError:
    """Changes of a table that does not track them."""
    return ServiceError(400, "0x80072491", f"Entity {table} isn't enabled for change tracking.")


def expired_stamp() -> ServiceError:
    """A delta token that is older than the organisation keeps deletions."""
    message = "Version stamp associated with the client has expired. Please perform a full sync."
    return ServiceError(400, "0x80044352", message)


def missing_privilege(user: str, table: str, code: int) -> ServiceError:
    """A table that the application user may not read."""
    privilege = f"prvRead{table.capitalize()}"
    message = (
        f"Principal user (Id={user}, type=8, roleCount=1, privilegeCount=112, accessMode='4 Non-interactive', "
        f"AADObjectId='00000000-0000-0000-0000-000000000000') is missing {privilege} privilege "
        f"(Id={_guid_of(privilege)}) on OTC={code} for entity '{table}' (LocalizedName='{table.capitalize()}'). "
        f"context.Caller={user}."
    )
    return ServiceError(403, "0x80040220", message)


def _guid_of(text: str) -> str:
    number = sum(ord(letter) * 31**place for place, letter in enumerate(text)) % 10**12
    return f"a0000000-0000-4000-8000-{number:012d}"
