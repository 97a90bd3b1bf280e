"""What of a spool is news: repeated, outdated and known items go, and what is gone comes in.

The rule is the same for a delta and for a reading of everything:

- of several items with one key the newest counts, and of equally new ones the last;
- an item that says what is known, or that is older than what is known, is no news;
- a deletion is news where the record is known and was not deleted;
- where everything was read, a known record that did not come is deleted.

``keys.parquet`` then holds what the package says of each key: key, fingerprint of the content, version, deleted, and
``identity``, the columns that make the canonical key where those are not the source's own key.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from config.schema.canonical import ENTITIES
from config.schema.mapping import Mapping
from extract.mapping.expressions import named, quoted
from extract.mapping.parquet import Opened
from extract.packages import KEYS
from extract.spool import OWN

_KEYS_AT_ONCE: Final = 1_500_000


@dataclass(frozen=True)
class Stream:
    """One stream of a live source: its name, its mapping, and what identifies and orders its items.

    Attributes:
        name: e.g. ``lead``; the ``file`` of its batches.
        mapping: how its columns become canonical; what it ignores plays no part in what is news.
        mapping_hash: changes with the mapping, so that everything is then news.
        key: the column that identifies an item for the service.
        version: the column that grows when an item changes: a whole number or an ISO 8601 instant; None for none.
        numeric: columns that are numbers by type.
        tidy: columns whose texts never have white space around them, by type.
    """

    name: str
    mapping: Mapping
    mapping_hash: str
    key: str
    version: str | None = None
    numeric: frozenset[str] = frozenset()
    tidy: frozenset[str] = frozenset()

    @property
    def identity(self) -> tuple[str, ...]:
        """The columns that make the canonical key, where they are not the key itself."""
        mapped = self.mapping.columns
        columns = tuple(mapped[name] for name in ENTITIES[self.mapping.entity].key if name in mapped)
        return () if columns == (self.key,) else columns


def settle(
    connection: duckdb.DuckDBPyConnection,
    stream: Stream,
    parts: Sequence[Path],
    known: Sequence[Path],
    folder: Path,
    *,
    is_complete: bool,
) -> Opened:
    """Make ``source_rows`` and ``broken_rows`` of a spool, and keys.parquet in the folder.

    Args:
        connection: in memory.
        stream: whose items they are.
        parts: the files of the spool.
        known: keys.parquet of all earlier batches, in order.
        folder: the package in the making; its ``staging`` holds what is needed on the way.
        is_complete: everything was read, so that what did not come is gone.
    """
    names = _open(connection, stream, parts)
    items = folder / "staging" / "items.parquet"
    _copy(connection, _items(stream, names), items, "lz4")
    connection.execute(f"create or replace view items as from read_parquet({quoted(str(items))})")
    _find_repeated(connection)
    _recall(connection, stream, known, is_complete=is_complete)
    _find_old(connection)
    if known:
        _find_gone(connection, stream, is_complete=is_complete)
    news = "select key, fingerprint, version, false as deleted, identity from news where not deleted"
    gone = "select key, null, null, true, identity from gone where not moved"
    _copy(connection, f"{news} union all {gone}", folder / KEYS, "zstd")
    _show(connection, stream, names)
    has_history = connection.execute('select count("@history") > 0 from spool').fetchone() or (True,)
    unique = None if stream.identity or has_history[0] else stream.key
    return Opened(names, numeric=stream.numeric, tidy=stream.tidy, unique=unique, has_deleted=True)


def _open(connection: duckdb.DuckDBPyConnection, stream: Stream, parts: Sequence[Path]) -> tuple[str, ...]:
    """The view ``spool``, with a column for all that is mapped, also where no item had it; their names."""
    held: list[str] = []
    relation = '(select null::bigint as "@row" where false)'
    if parts:
        relation = _relation(connection, parts)
        held = [row[0] for row in connection.execute(f"describe select * from {relation}").fetchall()]
    mapping = stream.mapping
    wanted = [stream.key, *([stream.version] if stream.version else []), *mapping.columns.values()]
    wanted += [*mapping.regarding.values(), *OWN[1:]]
    lacking = [name for name in dict.fromkeys(wanted) if name not in held and not name.startswith("$")]
    nulls = "".join(f", null::varchar as {named(name)}" for name in lacking)
    connection.execute(f"create or replace view spool as select *{nulls} from {relation}")
    return tuple(name for name in [*held, *lacking] if name not in OWN)


def _relation(connection: duckdb.DuckDBPyConnection, parts: Sequence[Path]) -> str:
    """The parts as one relation. Parts without row numbers are numbered as they lie, from 1."""
    listed = ", ".join(quoted(str(path)) for path in parts)
    relation = f"read_parquet([{listed}], union_by_name=true)"
    columns = connection.execute(f"describe select * from {relation}").fetchall()
    if any(row[0] == OWN[0] for row in columns):
        return relation
    selects, before = [], 0
    for path in parts:
        part = quoted(str(path))
        selects.append(
            f'select * exclude (file_row_number), file_row_number + {before + 1} as "@row" '
            f"from read_parquet({part}, file_row_number=true)"
        )
        row = connection.execute(f"select num_rows from parquet_file_metadata({part})").fetchone()
        before += int(row[0]) if row else 0
    return f"({' union all by name '.join(selects)})"


def _items(stream: Stream, names: Sequence[str]) -> str:
    """Every item that has a key: its row, version, and a fingerprint of all that its mapping does not ignore."""
    told = [name for name in sorted(names) if name not in stream.mapping.ignore]
    parts = ", ".join(f"{quoted(name + '=')} || {named(name)}" for name in told)
    version = named(stream.version) if stream.version else "null"
    number = f"coalesce(try_cast({version} as bigint), epoch_us(try_cast({version} as timestamptz)))"
    identity = "null::varchar"
    if stream.identity:
        pairs = ", ".join(f"{quoted(name)}, {named(name)}" for name in stream.identity)
        identity = f"cast(json_object({pairs}) as varchar)"
    return f"""
        select
            "@row" as row, {named(stream.key)} as key, {number if stream.version else "null::bigint"} as version,
            "@deleted" is not null as deleted, {identity} as identity,
            unhex(md5(concat_ws(chr(31), {quoted(stream.mapping_hash)}, {parts}))) as fingerprint
        from spool
        where "@broken" is null and "@history" is null and {named(stream.key)} is not null
    """


def _find_repeated(connection: duckdb.DuckDBPyConnection) -> None:
    """Of items with one key the newest counts; a deletion has no version: where there is one, the last item counts.

    Which keys are repeated is asked of some keys at a time, so that memory does not grow with the rows.
    """
    rows = connection.execute("select count(*) from items").fetchone() or (0,)
    slices = 1 + int(rows[0]) // _KEYS_AT_ONCE
    connection.execute("create or replace temp table suspects (hashed ubigint)")
    for number in range(slices):
        connection.execute(
            "insert into suspects select hash(key) as hashed from items "
            f"where hash(key) % {slices} = {number} group by hashed having count(*) > 1"
        )
    connection.execute(
        """
        create or replace temp table repeated as
        select row
        from (
            select
                row,
                row_number() over (
                    partition by key order by case when not any_deleted then version end desc nulls last, row desc
                ) as place
            from (
                select *, bool_or(deleted) over (partition by key) as any_deleted
                from items
                where hash(key) in (select hashed from suspects)
            )
        )
        where place > 1
        """
    )


def _recall(connection: duckdb.DuckDBPyConnection, stream: Stream, known: Sequence[Path], *, is_complete: bool) -> None:
    """``known``: the last word on every key; where only some items came, on theirs and those of the same identity."""
    if not known:
        # Nothing can be gone either: a join with nothing would hold all items in memory to find that out.
        connection.execute(
            "create or replace temp table known (key varchar, fingerprint blob, version bigint, deleted boolean, "
            "identity varchar); create or replace temp table gone (key varchar, identity varchar, moved boolean, "
            "row bigint, lives_on boolean)"
        )
        return
    files = "[" + ", ".join(quoted(str(path)) for path in known) + "]"
    relation = f"read_parquet({files}, filename=true)"
    mine = "key in (select key from items)"
    asked = "" if is_complete else f"where {mine}"
    if stream.identity and not is_complete:
        asked += f" or identity in (select identity from {relation} where {mine})"
    connection.execute(
        f"""
        create or replace temp table known as
        select
            key, arg_max(fingerprint, place) as fingerprint, arg_max(version, place) as version,
            arg_max(deleted, place) as deleted, arg_max(identity, place) as identity
        from (
            select *, list_position({files}, filename) as place
            from {relation} {asked}
        )
        group by key
        """
    )


def _find_old(connection: duckdb.DuckDBPyConnection) -> None:
    """``old``: rows of the spool that are no news, and ``news``: the items that are."""
    connection.execute(
        """
        create or replace temp table old as
        select row from repeated
        union
        select row from items where deleted
        union
        select items.row
        from items join known using (key)
        where not known.deleted and (items.fingerprint = known.fingerprint or items.version < known.version)
        """
    )
    connection.execute(
        "create or replace view news as select * from items where not deleted and row not in (select row from old)"
    )


def _find_gone(connection: duckdb.DuckDBPyConnection, stream: Stream, *, is_complete: bool) -> None:
    """``gone``: what was known and is deleted. An identity that another item has now is not gone with its old key."""
    missing = (
        "union select key, identity, false from known where not deleted and key not in (select key from items)"
        if is_complete
        else ""
    )
    lives_on = "identity is not null and identity in (select identity from alive where identity is not null)"
    connection.execute(
        f"""
        create or replace temp table gone as
        with lost as (
            select known.key, known.identity, not items.deleted as moved
            from items join known using (key)
            where not known.deleted and items.row not in (select row from repeated)
                and (items.deleted or items.identity <> known.identity)
            {missing}
        ),
        alive as (
            select identity from items where not deleted and row not in (select row from repeated)
            union all
            select identity from known where not deleted and key not in (select key from lost)
                and key not in (select key from items)
        )
        select
            key, identity, moved,
            (select coalesce(max("@row"), 0) from spool) + row_number() over (order by key) as row,
            {lives_on if stream.identity else "false"} as lives_on
        from lost
        """
    )


def _show(connection: duckdb.DuckDBPyConnection, stream: Stream, names: Sequence[str]) -> None:
    """``source_rows`` and ``broken_rows`` as ``convert`` wants them."""
    row = connection.execute("select count(*) from old").fetchone()
    only = 'and "@row" not in (select row from old)' if row and row[0] else ""
    columns = ", ".join(f"{named(name)} as c{number}" for number, name in enumerate(names))
    gone = ", ".join(f"{_of_gone(stream, name)} as c{number}" for number, name in enumerate(names))
    connection.execute(
        f'create or replace view source_rows as select "@row" as _row_number, {columns}, false as deleted from spool '
        f'where "@broken" is null {only} union all select row, {gone}, true from gone where not lives_on'
    )
    connection.execute(
        'create or replace view broken_rows as select "@row" as _row_number, "@broken" as broken, "@text" as text '
        'from spool where "@broken" is not null'
    )


def _of_gone(stream: Stream, name: str) -> str:
    if name == stream.key:
        return "key"
    return f"identity ->> {quoted('$.' + json.dumps(name))}" if name in stream.identity else "null::varchar"


def _copy(connection: duckdb.DuckDBPyConnection, query: str, path: Path, compression: str) -> None:
    """Keys and fingerprints do not repeat: a dictionary of them would be made for nothing."""
    connection.execute(
        f"copy ({query}) to {quoted(str(path))} (format parquet, compression {compression}, row_group_size 30720, "
        "dictionary_size_limit 1)"
    )
