"""Reading a table of the lake: the files that are new or have changed, in place, into a spool."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import duckdb

from config.errors import ContractBroken
from extract.mapping.expressions import quoted
from extract.sources.dataverse.lake.files import Files
from extract.sources.dataverse.lake.layout import LakeTable, Piece
from extract.sources.dataverse.lake.plan import LakePlan
from extract.stream import Reading

log: Final = logging.getLogger(__name__)
_MEMORY: Final = "1GB"
_ROWS_IN_GROUP: Final = 30_720
_BYTES_AT_ONCE: Final = 128_000_000
"""Of several files read at once; to keep the order of rows, what is read ahead waits in memory."""
_FORMAT: Final = "header = false, auto_detect = false, delim = ',', quote = '\"', escape = '\"'"
_SHORT: Final = "MISSING COLUMNS"
Cursor = Mapping[str, Any]


@dataclass
class _Chosen:
    """Which files are read now, and the state of every file after that."""

    pieces: list[Piece] = field(default_factory=list)
    known: dict[str, list[object]] = field(default_factory=dict)
    short: dict[str, list[object]] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)


def read_lake(files: Files, plan: LakePlan, table: LakeTable, cursor: Cursor | None, folder: Path) -> Reading | None:
    """Read what has changed since the cursor; None where nothing has.

    A file that does not end with a line is being written: it is left until it does. One that is shorter than when it
    was last read is left once: it may be in the making, or have lost rows. What is written in place is read as a whole
    or not at all.

    Raises:
        ContractBroken: where no row at all fits the columns of model.json.
    """
    told: dict[str, Any] = {"lake": table.layout, "mapping": plan.stream.mapping_hash}
    before = cursor if cursor and all(cursor.get(name) == value for name, value in told.items()) else {}
    chosen = _choose(files, table, before)
    for reason in (*table.left, *chosen.left):
        log.warning("%s: %s; left for next time.", plan.stream.name, reason)
    is_complete = table.layout == "in place"
    if is_complete and (chosen.left or table.left):
        told |= {"pieces": before.get("pieces", {}), "short": chosen.short}
        # Nothing known yet: nothing is sealed either, so that the first reading is a whole one.
        return Reading([], told, is_complete=False) if before and chosen.short else None
    told |= {"pieces": chosen.known, "short": chosen.short}
    if table.layout == "folders":
        told["folder"] = max((piece.folder for piece in table.pieces), default=before.get("folder", ""))
        told["pieces"] = {piece.name: _state(piece) for piece in table.pieces if piece.folder == told["folder"]}
    if not chosen.pieces and (not before or told == dict(before)):
        return None
    parts = _spool(files, plan, chosen.pieces, folder) if chosen.pieces else []
    return Reading(parts, told, is_complete=is_complete and bool(chosen.pieces))


def _choose(files: Files, table: LakeTable, before: Cursor) -> _Chosen:
    known: Mapping[str, list[object]] = before.get("pieces", {})
    short: Mapping[str, list[object]] = before.get("short", {})
    chosen, changed = _Chosen(known=dict(known)), []
    for piece in table.pieces:
        is_old = table.layout == "folders" and piece.folder < str(before.get("folder", ""))
        last = known.get(piece.name) if table.layout != "folders" or piece.folder == before.get("folder") else None
        if is_old or last == _state(piece):
            continue
        shrank = last is not None and piece.size < int(str(last[1])) and piece.name not in short
        if shrank or (piece.size and not files.ends_a_line(piece.path)):
            chosen.left.append(f"{piece.path} is shorter than it was" if shrank else f"{piece.path} ends in mid-row")
            chosen.short |= {piece.name: _state(piece)} if shrank else {}
        else:
            changed.append(piece)
    is_whole = table.layout == "in place"
    gone = is_whole and known.keys() - {piece.name for piece in table.pieces}
    chosen.pieces = list(table.pieces) if is_whole and (changed or gone) else changed
    if is_whole and not chosen.left:
        chosen.known = {}
    chosen.known |= {piece.name: _state(piece) for piece in (table.pieces if is_whole else changed)}
    return chosen


def _state(piece: Piece) -> list[object]:
    """What a file is known by; the path too, because a snapshot of the same partition is another file."""
    return [piece.path, piece.size, piece.stamp]


def _spool(files: Files, plan: LakePlan, pieces: Sequence[Piece], folder: Path) -> list[Path]:
    """Parquet with every column text, in the order of the files; what is no row comes as broken."""
    folder.mkdir(parents=True, exist_ok=True)
    parts: list[Path] = []
    with duckdb.connect(":memory:") as connection:
        files.introduce(connection)
        connection.execute(f"set memory_limit = '{_MEMORY}'")
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"set temp_directory = {quoted(str(folder / 'spill'))}")
        connection.execute("create temp table broken (told varchar, line varchar)")
        rows = 0
        for group in _groups(pieces):
            paths = [files.readable(piece.path) for piece in group]
            parts.append(folder / f"part-{len(parts):05d}.parquet")
            rows += _copy(connection, plan, group[0].columns, paths, parts[-1])
        broken = connection.execute("select count(*) from broken").fetchone() or (0,)
        if broken[0] and not rows:
            line = connection.execute("select told from broken limit 1").fetchone() or ("",)
            raise ContractBroken(
                f"{plan.stream.name}: no row has the columns that model.json names ({line[0]}). Let Synapse Link "
                "write the table again."
            )
        if broken[0]:
            parts.append(folder / f"part-{len(parts):05d}.parquet")
            kept = 'select told as "@broken", line as "@text" from broken'
            connection.execute(f"copy ({kept}) to {quoted(str(parts[-1]))} (format parquet)")
    return parts


def _groups(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Files to read at once: neighbours with the same columns that are not too large together; empty ones are none."""
    for _, neighbours in groupby((piece for piece in pieces if piece.size), key=lambda piece: piece.columns):
        group: list[Piece] = []
        for piece in neighbours:
            if group and sum(one.size for one in group) + piece.size > _BYTES_AT_ONCE:
                yield group
                group = []
            group.append(piece)
        yield group


def _copy(
    connection: duckdb.DuckDBPyConnection,
    plan: LakePlan,
    columns: tuple[tuple[str, str], ...],
    paths: Sequence[str],
    part: Path,
) -> int:
    """Write the rows of files with the same columns; the number of rows.

    A column that was added later is missing at the end of older rows. Such files are read again with the gaps filled,
    which one thread has to do.
    """
    kinds = ", ".join(f"{quoted(name)}: 'varchar'" for name, _ in columns)
    listed = f"[{', '.join(quoted(path) for path in paths)}]"
    for filled in ("", ", null_padding = true, parallel = false"):
        relation = f"read_csv({listed}, columns = {{{kinds}}}, {_FORMAT}, store_rejects = true{filled})"
        query = f"select {plan.expressions(columns)} from {relation}"
        done = connection.execute(
            f"copy ({query}) to {quoted(str(part))} (format parquet, compression lz4, row_group_size {_ROWS_IN_GROUP})"
        ).fetchone()
        short = connection.execute(
            f"select count(*) from reject_errors where error_type = {quoted(_SHORT)}"
        ).fetchone() or (0,)
        if filled or not short[0]:
            connection.execute(
                "insert into broken select any_value(error_message), any_value(csv_line) "
                "from reject_errors group by file_id, line"
            )
        connection.execute("drop table if exists reject_errors; drop table if exists reject_scans")
        if not short[0]:
            break
    return int(done[0]) if done else 0
