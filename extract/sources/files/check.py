"""The prerequisites of the ``files`` source: the folder, and of each table its files, their headers and columns."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb

from config.schema.sources.files import Settings, Table
from config.workspace import Workspace
from extract.check_source import Findings
from extract.mapping.expressions import declare
from extract.sources.files import problems
from extract.sources.files.read import NoRows, open_rows
from extract.sources.files.text import Undecodable, scan

_HEAD: Final = 1 << 17
"""Bytes of a text that are looked at; the rest is read by the fetch."""


def check(workspace: Workspace, findings: Findings) -> None:
    """See ``extract.check_source.Source``."""
    settings: Settings = workspace.config.sources["files"]
    folder = workspace.input_folder
    tables = {f"{table.files} ({table.entity})": table for table in settings.tables}
    if not folder.is_dir():
        told = f"{folder}: there is no such folder. Put the files there, or name theirs in SALES_INSIGHTS_INPUT."
        findings.failed("folder", told)
        findings.not_checked("there is no folder", *tables)
        return
    findings.ok("folder", str(folder))
    there = sorted(path.name for path in folder.glob("*") if path.is_file())
    for what, table in tables.items():
        files = sorted(path for path in folder.glob(table.files) if path.is_file())
        wrong = [told for told in (_wrong(table, path, folder) for path in files) if told]
        if not files:
            findings.failed(what, problems.no_file(table, folder, there).message)
        elif wrong:
            findings.failed(what, " ".join(wrong))
        else:
            findings.ok(what, f"{len(files)} files" if len(files) > 1 else "")


def _wrong(table: Table, path: Path, folder: Path) -> str:
    """Why a file's head cannot be read or lacks a mapped column; empty where all is well."""
    file = path.relative_to(folder).as_posix()
    with TemporaryDirectory(prefix="check-") as staging, duckdb.connect(":memory:") as connection:
        declare(connection, table.decimal_mark, "UTC")
        try:
            head = path if table.format == "parquet" else _head(table, path, Path(staging))
            opened = open_rows(connection, table, head, Path(staging), suspicious=True)
        except NoRows as error:
            return f"{file}: {error}. Export it again; if it is meant to be empty, nothing needs doing."
        except Undecodable as error:
            return problems.not_in_encoding(table, file, error).message
        except OSError as error:
            return f"{file}: it cannot be opened ({error.strerror}). Let the pipeline's user read it."
        except duckdb.Error as error:
            return problems.not_a_format(table, file, error).message
        lacking = problems.missing_columns(table, file, opened.names)
        return lacking.message if lacking else ""


def _head(table: Table, path: Path, staging: Path) -> Path:
    """The first lines of a text, as UTF-8."""
    cut, text = staging / "head", staging / "text"
    with path.open("rb") as file:
        head = file.read(_HEAD)
        whole = len(head) < _HEAD
    if not head:
        raise NoRows("it is empty")
    wide = any(size in (table.encoding or "") for size in ("16", "32"))  # several bytes a character: cut between two
    cut.write_bytes(head if whole or wide or b"\n" not in head else head[: head.rindex(b"\n") + 1])
    scan(cut, table.encoding, text)
    return text
