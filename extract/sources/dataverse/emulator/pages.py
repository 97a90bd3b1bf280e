"""Pages of an entity set: plain, sorted, filtered, or with changes tracked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

import pyarrow as pa

from extract.sources.dataverse.emulator import errors, tokens
from extract.sources.dataverse.emulator.filters import parse_filter
from extract.sources.dataverse.emulator.render import fetch_arrow, joined_bytes, physical, quoted, row_expression, text
from extract.sources.dataverse.emulator.schema import SQL_TYPES, Column, Table
from extract.sources.dataverse.emulator.store import Store
from extract.sources.dataverse.emulator.tokens import Place

LARGEST_PAGE: Final = 5_000
_KNOWN: Final = {"$select", "$filter", "$orderby", "$top", "$count", "$expand", "$skiptoken", "$deltatoken"}
_NOT_WITH_TRACKING: Final = ("$filter", "$orderby", "$expand", "$top")
_PREFERENCE: Final = re.compile(r'([\w.\-]+)(?:=(?:"([^"]*)"|([^,;\s]+)))?')


@dataclass(frozen=True)
class Preferences:
    """What the header ``Prefer`` asks for."""

    page_size: int | None = None
    tracking: bool = False
    annotations: frozenset[str] = frozenset()

    @classmethod
    def of(cls, header: str) -> Preferences:
        """Read the header."""
        found = {name.lower(): quoted_ or bare for name, quoted_, bare in _PREFERENCE.findall(header)}
        size = found.get("odata.maxpagesize", "")
        annotations = found.get("odata.include-annotations", "")
        return cls(
            int(size) if size.isdigit() and int(size) > 0 else None,
            "odata.track-changes" in found,
            frozenset(name.strip() for name in annotations.split(",") if name.strip()),
        )


@dataclass(frozen=True)
class Asked:
    """A question for rows of one table."""

    table: Table
    options: Mapping[str, str]
    prefer: Preferences
    root: str

    @property
    def size(self) -> int:
        """How many rows a page may have."""
        return min(self.prefer.page_size or LARGEST_PAGE, LARGEST_PAGE)

    @property
    def columns(self) -> list[Column]:
        """The columns selected; all where nothing is."""
        known, chosen = self.table.properties, self.options.get("$select")
        if chosen is None:
            return list(known.values())
        names = [name.strip() for name in chosen.split(",") if name.strip()]
        for name in names:
            if name not in known:
                raise errors.unknown_property(name, self.table.name)
        return [known[name] for name in dict.fromkeys(names)]

    def context(self, suffix: str = "") -> str:
        """The context of an answer."""
        chosen = self.options.get("$select")
        return f"{self.root}/$metadata#{self.table.set_name}{f'({chosen})' if chosen else ''}{suffix}"

    def link(self, token: str, value: str) -> str:
        """This question again, with another token."""
        kept = {name: value for name, value in self.options.items() if name not in {"$skiptoken", "$deltatoken"}}
        told = [f"{name}={quote(value, safe=',()')}" for name, value in kept.items()]
        return f"{self.root}/{self.table.set_name}?{'&'.join([*told, f'{token}={value}'])}"


@dataclass(frozen=True)
class _Page:
    items: list[bytes]
    after: Place | None


def answer(store: Store, asked: Asked) -> bytes:
    """One page as JSON.

    Raises:
        ServiceError: where the question is not allowed.
    """
    _check(asked)
    options = asked.options
    if "$skiptoken" in options:
        place = tokens.place_of(options["$skiptoken"])
    elif "$deltatoken" in options:
        place = _since(store, asked)
    else:
        place = _now(store, Place()) if asked.prefer.tracking else Place()
    if place.since is not None:
        page = _changes(store, asked, place)
    elif "$filter" in options or "$orderby" in options or "$top" in options:
        page = _queried(store, asked, place)
    else:
        page = _in_order(store, asked, place)
    return _body(store, asked, place, page)


def _check(asked: Asked) -> None:
    unknown = [name for name in asked.options if name.startswith("$") and name not in _KNOWN]
    if "$skip" in unknown:
        raise errors.bad_query("Skip Clause is not supported in CRM")
    if unknown:
        raise errors.bad_query(f"The query parameter '{unknown[0]}' is not supported.")
    tracked = asked.prefer.tracking or "$deltatoken" in asked.options
    if tracked and not asked.table.tracked:
        raise errors.not_tracked(asked.table.name)
    for name in _NOT_WITH_TRACKING:
        if tracked and name in asked.options:
            raise errors.bad_query(f"The query option '{name}' is not supported when tracking changes.")
    if "$expand" in asked.options:
        raise errors.bad_query("The query option '$expand' is not served here.")


def _now(store: Store, place: Place) -> Place:
    return replace(place, upto=store.settled_version(), at=tokens.stamp(store.clock.now()))


def _since(store: Store, asked: Asked) -> Place:
    version, at = tokens.delta_of(asked.options["$deltatoken"])
    age = store.clock.now() - at
    if age > timedelta(days=store.keeps_days) or age < -timedelta(days=1):  # given out by a future that has not come
        raise errors.expired_stamp()
    return _now(store, Place(since=version))


def _in_order(store: Store, asked: Asked, place: Place) -> _Page:
    """The next rows in the order of their arrival, found without looking at all others."""
    expression, width = _expression(store, asked), asked.size + 1
    while True:
        rows = _rows(  # the database keeps rows in the order of their arrival: no need to sort
            store,
            f'select {expression} as item, "@row" as place from (select * from {store.place(asked.table.name)} '
            f'where "@row" > ? and "@row" <= ? and not "@deleted" limit {asked.size + 1})',
            [place.after, place.after + width],
        )
        if rows.num_rows > asked.size or place.after + width >= _last_row(store, asked.table):
            return _cut(rows, asked.size, place)
        width *= 8


def _last_row(store: Store, table: Table) -> int:
    return store.number(f'select coalesce(max("@row"), 0) from {store.place(table.name)}')


def _cut(rows: pa.Table, size: int, place: Place) -> _Page:
    shown = rows.slice(0, size)
    items = [joined_bytes(shown["item"])] if shown.num_rows else []
    if rows.num_rows <= size:
        return _Page(items, None)
    return _Page(items, replace(place, page=place.page + 1, after=shown["place"][-1].as_py()))


def _queried(store: Store, asked: Asked, place: Place) -> _Page:
    """The next rows of a filtered, sorted or cut-off question; ``place.after`` counts the rows before."""
    condition, values = _condition(store, asked)
    top = None if asked.prefer.page_size else asked.options.get("$top")
    size = asked.size if top is None else min(_whole(top), LARGEST_PAGE)
    rows = _rows(
        store,
        f'select {_expression(store, asked)} as item, "@row" as place from (select * from '
        f"{store.place(asked.table.name)} where {condition} "
        f'order by {_order(asked)}"@row" limit {size + (top is None)} offset {place.after})',
        values,
    )
    page = _cut(rows, size, place)
    return replace(page, after=page.after and replace(page.after, after=place.after + size))


def _condition(store: Store, asked: Asked) -> tuple[str, list[Any]]:
    values: list[Any] = []
    if "$filter" not in asked.options:
        return 'not "@deleted"', values
    known = asked.table.properties

    def expression(name: str) -> str:
        if name not in known:
            raise errors.unknown_property(name, asked.table.name)
        column = known[name]
        if column.name in store.loose[asked.table.name]:
            return f"try_cast(trim({physical(column)}, '\"') as {SQL_TYPES[column.kind]})"
        return physical(column)

    return f'not "@deleted" and {parse_filter(asked.options["$filter"]).sql(expression, values)}', values


def _order(asked: Asked) -> str:
    if "$orderby" not in asked.options:
        return ""
    name, _, direction = asked.options["$orderby"].strip().partition(" ")
    if name not in asked.table.properties:
        raise errors.unknown_property(name, asked.table.name)
    if direction.strip() not in {"", "asc", "desc"}:
        raise errors.bad_query(f"Syntax error in '$orderby={asked.options['$orderby']}'.")
    return f"{physical(asked.table.properties[name])} {direction or 'asc'} nulls first, "


def _changes(store: Store, asked: Asked, place: Place) -> _Page:
    """What has changed since a version: present rows first, then deleted ones."""
    items: list[bytes] = []
    room = asked.size
    if not place.deletes:
        page = _cut(_changed(store, asked, place, room, _expression(store, asked)), room, place)
        if page.after:
            return page
        items, place = page.items, replace(place, deletes=True, after=0)
        room -= _count_changes(store, asked, place) if items else 0
    if room <= 0:
        more = _changed(store, asked, place, 1, "''").num_rows > 0
        return _Page(items, replace(place, page=place.page + 1) if more else None)
    context = text(f'{{"@odata.context":"{asked.root}/$metadata#{asked.table.set_name}/$deletedEntity","id":"')
    gone = f"""concat({context}, {quoted(asked.table.key)}, '","reason":"deleted"}},')"""
    page = _cut(_changed(store, asked, place, room, gone), room, place)
    return _Page([*items, *page.items], page.after)


def _changed(store: Store, asked: Asked, place: Place, size: int, expression: str) -> pa.Table:
    start = max(place.since or 0, place.after)
    return _rows(
        store,
        f'select {expression} as item, "@version" as place from (select * from {store.place(asked.table.name)} '
        f'where "@version" > ? and "@version" <= ? and "@deleted" = ? order by "@version" limit {size + 1})',
        [start, place.upto, place.deletes],
    )


def _count_changes(store: Store, asked: Asked, place: Place) -> int:
    """Present rows that have changed."""
    query = (
        f"select count(*) from {store.place(asked.table.name)} "
        'where "@version" > ? and "@version" <= ? and not "@deleted"'
    )
    return store.number(query, [place.since, place.upto])


def _expression(store: Store, asked: Asked) -> str:
    item = row_expression(asked.table, asked.columns, asked.prefer.annotations, store.loose[asked.table.name])
    return f'repeat({item}, "@repeat")' if asked.table.name in store.repeating else item


def _rows(store: Store, query: str, values: list[Any]) -> pa.Table:
    return fetch_arrow(store.cursor(), query, values)


def _whole(value: str) -> int:
    if not value.isdigit():
        raise errors.bad_query(f"Invalid value '{value}' for $top.")
    return int(value)


def _body(store: Store, asked: Asked, place: Place, page: _Page) -> bytes:
    tracking = place.upto is not None
    head = [f'{{"@odata.context":"{asked.context("/$delta" if place.since is not None else "")}"']
    if asked.options.get("$count") == "true":
        head.append(f'"@odata.count":{min(_count(store, asked, place), LARGEST_PAGE)}')
    if tracking and page.after is None:
        link = asked.link("$deltatoken", tokens.delta_token(place.upto or 0, place.at or ""))
        head.append(f'"@odata.deltaLink":"{link}"')
    tail = b"]"
    if page.after is not None:
        tail += f',"@odata.nextLink":"{asked.link("$skiptoken", tokens.skip_token(page.after))}"'.encode()
    return b"".join([",".join([*head, '"value":[']).encode(), b"".join(page.items)[:-1], tail, b"}"])


def _count(store: Store, asked: Asked, place: Place) -> int:
    if place.since is not None:
        deleted: int = _changed(store, asked, replace(place, deletes=True, after=0), LARGEST_PAGE, "''").num_rows
        return _count_changes(store, asked, place) + deleted
    condition, values = _condition(store, asked)
    return store.number(f"select count(*) from {store.place(asked.table.name)} where {condition}", values)
