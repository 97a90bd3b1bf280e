"""What is news in a reading, given what is known of all mailboxes: an activity is there as long as one of them has it.

``holders`` is what is known: a row per item (a copy of a message in a folder of a mailbox), with the activity it is.

- of several readings of one item the last round's counts, in a round the newest;
- an item of a folder that was read in full and did not come is gone, as is one of a folder that is gone;
- an activity is packaged where no mailbox had it, or one of them said something else of it;
- it is packaged as deleted where no mailbox has it any longer.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import duckdb

from extract.mapping.expressions import quoted
from extract.sources.exchange.reading import Told
from extract.sources.exchange.readings import COLUMNS

_HELD: Final = ", ".join(
    f"{name} varchar" for name in ("file", "key", "place", "activity", "hash", "moment", "modified", "parties")
)
_KEPT: Final = (
    "key, hash as fingerprint, null::bigint as version, activity as identity, place, moment, modified, parties"
)


def begin(connection: duckdb.DuckDBPyConnection) -> None:
    """Make an empty ``holders``."""
    connection.execute(f"create or replace table holders ({_HELD})")


def recall(connection: duckdb.DuckDBPyConnection, file: str, known: Sequence[Path]) -> None:
    """Put into ``holders`` what the batches of one stream left, in order: the last word on an item counts."""
    if not known:
        return
    files = "[" + ", ".join(quoted(str(path)) for path in known) + "]"
    connection.execute(
        f"""
        insert into holders
        select {quoted(file)}, key, place, identity, fingerprint, moment, modified, parties
        from (
            select *,
                row_number() over (partition by key order by list_position({files}, filename) desc) as place_from_last
            from read_parquet({files}, filename=true)
        )
        where place_from_last = 1 and not deleted
        """
    )


def settle(connection: duckdb.DuckDBPyConnection, file: str, readings: Path, told: Told) -> None:
    """Find what is news in a reading of one stream.

    Makes ``fresh`` and ``lost`` (items that came and went), ``news`` and ``deleted`` (activities), ``broken`` (items
    that are none), ``party_news``. Nothing is remembered before ``remember``.
    """
    _read(connection, readings, told)
    _find_items(connection, file)
    connection.execute(
        f"""
        create or replace temp table before as
        select * from holders where activity in (
            select activity_id from fresh union select activity from lost
            union select holders.activity from holders join fresh using (key) where holders.file = {quoted(file)}
        )
        """
    )
    connection.execute(
        """
        create or replace temp table news as
        select * exclude (n) from (
            select *, row_number() over (partition by activity_id order by modified desc, key) as n
            from fresh
            where activity_id not in (select activity from before)
                or exists (select 1 from before where activity = fresh.activity_id and before.hash <> fresh.hash)
        )
        where n = 1
        """
    )
    connection.execute(
        f"""
        create or replace temp table deleted as
        select distinct activity as activity_id from before
        where activity not in (select activity_id from fresh)
            and activity not in (
                select activity from before
                where file <> {quoted(file)}
                    or (key not in (select key from lost) and key not in (select key from fresh))
            )
        """
    )
    _find_parties(connection)


def remember(connection: duckdb.DuckDBPyConnection, file: str) -> None:
    """Take what was settled into ``holders``, once it is sealed."""
    gone = "select key from lost union select key from fresh"
    connection.execute(f"delete from holders where file = {quoted(file)} and key in ({gone})")
    connection.execute(
        f"insert into holders select {quoted(file)}, key, place, activity_id, hash, moment, modified, parties "
        "from fresh"
    )


def keys_of_items() -> str:
    """SQL of keys.parquet of a batch of activities."""
    fresh = _KEPT.replace("activity as", "activity_id as")
    return f"select {fresh}, false as deleted from fresh union all by name select {_KEPT}, true as deleted from lost"


def keys_of_parties() -> str:
    """SQL of keys.parquet of a batch of parties: which activities they are of, and in which state."""
    return (
        "select activity_id as key, hash as fingerprint, null::bigint as version, false as deleted, "
        "null::varchar as identity from news "
        "union all select activity_id, '', null, true, null from deleted"
    )


def drop_sealed_parties(connection: duckdb.DuckDBPyConnection, keys: Path) -> None:
    """Leave out parties that a fetch that was broken off has sealed already."""
    connection.execute(
        f"""
        delete from party_news
        where activity_id in (
            select activity_id from read_parquet({quoted(str(keys))}) as sealed
            join (select activity_id, hash from news union all select activity_id, '' from deleted) as now
                on now.activity_id = sealed.key and now.hash = sealed.fingerprint
        )
        """
    )


def _read(connection: duckdb.DuckDBPyConnection, readings: Path, told: Told) -> None:
    connection.execute("create or replace temp table opened (place varchar, since varchar, until varchar)")
    connection.execute("create or replace temp table vanished (place varchar)")
    if told.opened:
        rows = [(one.folder, one.since, one.until) for one in told.opened]
        connection.executemany("insert into opened values (?, ?, ?)", rows)
    if told.vanished:
        connection.executemany("insert into vanished values (?)", [(name,) for name in told.vanished])
    source = f"read_parquet({quoted(str(readings))})"
    connection.execute(f"create or replace temp table broken as select * from {source} where broken is not null")
    connection.execute(
        f"""
        create or replace temp table latest as
        select * exclude (n) from (
            select *, place || '/' || item as key,
                row_number() over (
                    partition by item, place order by round desc, removed desc, modified desc nulls last, seq desc
                ) as n
            from {source} where broken is null
        )
        where n = 1
        """
    )


def _find_items(connection: duckdb.DuckDBPyConnection, file: str) -> None:
    """``fresh``: what came and is not older than what is known of it; ``lost``: what is known and went."""
    connection.execute(
        f"""
        create or replace temp table fresh as
        select latest.* from latest
        left join holders on holders.key = latest.key and holders.file = {quoted(file)}
        where not latest.removed
            and (holders.key is null or latest.round > 1 or latest.modified >= holders.modified)
            and (holders.key is null or latest.hash <> holders.hash or latest.modified > holders.modified)
        """
    )
    connection.execute(
        f"""
        create or replace temp table lost as
        select holders.* from holders
        where file = {quoted(file)} and (
            key in (select key from latest where removed)
            or place in (select place from vanished)
            or (
                exists (select 1 from opened where opened.place = holders.place and moment >= since and moment < until)
                and key not in (select key from latest)
                and key not in (select place || '/' || item from broken)
            )
        )
        """
    )


def _find_parties(connection: duckdb.DuckDBPyConnection) -> None:
    """``party_news``: the parties of what is news, and those that are no longer any."""

    def of(relation: str, name: str) -> str:
        listed = "unnest(cast(json(parties) as varchar[][]))"
        return f"select {name} as activity_id, {listed} as party from {relation}"

    connection.execute(
        f"""
        create or replace temp table party_news as
        with now as (select activity_id, party[1] as address, party[2] as role from ({of("news", "activity_id")})),
        earlier as (
            select distinct activity_id, party[1] as address, party[2] as role from ({of("before", "activity")})
            where activity_id in (select activity_id from news union select activity_id from deleted)
        )
        select *, false as deleted from now
        union all
        select *, true as deleted from earlier anti join now using (activity_id, address, role)
        """
    )


def source_rows(connection: duckdb.DuckDBPyConnection) -> None:
    """``source_rows`` and ``broken_rows`` of the activities, as ``convert`` wants them."""
    columns = ", ".join(f"{name} as c{number}" for number, name in enumerate(COLUMNS))
    nothing = ", ".join(f"null::varchar as c{number}" for number, name in enumerate(COLUMNS) if number)
    last = "(select coalesce(max(seq), 0) from (from latest select seq union all from broken select seq))"
    connection.execute(
        f"create or replace temp view source_rows as select seq as _row_number, {columns}, false as deleted from news "
        f"union all select {last} + row_number() over (order by activity_id), activity_id as c0, {nothing}, true "
        "from deleted"
    )
    connection.execute("create or replace temp view broken_rows as select seq as _row_number, broken, text from broken")


def party_rows(connection: duckdb.DuckDBPyConnection) -> None:
    """The same of the parties."""
    connection.execute(
        "create or replace temp view source_rows as "
        "select row_number() over (order by activity_id, address, role) as _row_number, activity_id as c0, "
        "address as c1, 'unknown' as c2, role as c3, address as c4, deleted from party_news"
    )
    connection.execute(
        "create or replace temp view broken_rows as select null::bigint as _row_number, '' as broken, '' as text "
        "where false"
    )
