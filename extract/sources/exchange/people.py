"""Whose mailboxes are read. Whoever is excluded or has opted out is off the list before anything is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from config.errors import ConfigError
from config.schema.sources.exchange import People
from extract.http import Http, Missing

_SELECT: Final = "$select=id,mail,userPrincipalName,accountEnabled&$top=999"
_USER: Final = "#microsoft.graph.user"


@dataclass(frozen=True)
class InScope:
    """Addresses, in order: those to be read, and those never to be (of whom nothing may be kept either)."""

    read: tuple[str, ...]
    never: frozenset[str]


def find_people(http: Http, graph: str, people: People) -> InScope:
    """Ask the directory who is in scope.

    Raises:
        ConfigError: where a group does not exist.
        SourceRefused: without the permission to read the directory.
    """
    never = set(people.opted_out)
    for group in people.excluded_groups:
        never |= {name for user in _members(http, graph, group, "excluded_groups") for name in _names(user)}
    read: set[str] = set()
    if people.who == "list":
        read |= set(people.addresses)
    elif people.who == "group":
        for group in people.groups:
            read |= _addresses(_members(http, graph, group, "groups"), never)
    else:
        read |= _addresses(_pages(http, f"{graph}/users?{_SELECT}"), never)
    return InScope(tuple(sorted(read - never)), frozenset(never))


def _addresses(users: Iterator[dict[str, Any]], never: set[str]) -> set[str]:
    """The mail address of every enabled user, none of whose names is on the list of those never read."""
    found = set()
    for user in users:
        names = _names(user)
        if names and user.get("accountEnabled") is not False and not never & set(names):
            found.add(names[0])
    return found


def _names(user: dict[str, Any]) -> list[str]:
    """Mail address and sign-in name, lower case; a member that is no user has neither."""
    return [str(user[name]).lower() for name in ("mail", "userPrincipalName") if user.get(name)]


def _members(http: Http, graph: str, group: str, key: str) -> Iterator[dict[str, Any]]:
    try:
        for member in _pages(http, f"{graph}/groups/{quote(group, safe='')}/transitiveMembers?{_SELECT}"):
            if member.get("@odata.type", _USER) == _USER:  # devices and groups are members too
                yield member
    except Missing as error:
        raise ConfigError(
            f"sources/exchange.yml: people.{key}: there is no group '{group}'. Copy its object id from Entra ID."
        ) from error


def _pages(http: Http, url: str) -> Iterator[dict[str, Any]]:
    following: str | None = url
    while following:
        page = http.get(following)
        yield from page.get("value", [])
        following = page.get("@odata.nextLink")
