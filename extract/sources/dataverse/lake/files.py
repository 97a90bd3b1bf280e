"""The files of a lake: a local folder, or anything that fsspec reaches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import duckdb
import fsspec

from config.errors import ConfigError, SourceUnavailable

_STAMPS: Final = ("ETag", "etag", "content_md5", "mtime", "LastModified", "last_modified", "updated", "created")


class Files:
    """Reads the files under one folder. Paths are relative to it, with slashes."""

    def __init__(self, folder: str) -> None:
        try:
            self._system, self._root = fsspec.url_to_fs(folder)
        except (ImportError, ValueError) as error:
            raise ConfigError(
                f"synapse_link.folder in sources/dataverse.yml: '{folder}' cannot be opened ({error}). Install what "
                "fsspec needs for it (adlfs for abfss://), or name a local folder."
            ) from error
        self.folder = folder

    @property
    def is_local(self) -> bool:
        """Whether the folder is on this machine's disk."""
        return "file" in self._protocols

    def names(self, path: str = "") -> list[str]:
        """Names of what a folder holds, in order; none where it is not there.

        Raises:
            SourceUnavailable: where the lake does not answer.
        """
        with self._asked():
            try:
                found = self._system.ls(self._full(path), detail=False, refresh=True)
            except (FileNotFoundError, NotADirectoryError):
                return []
        return sorted(str(name).rstrip("/").rpartition("/")[2] for name in found)

    def text(self, path: str) -> str | None:
        """What a file says; None where there is no such file."""
        with self._asked():
            try:
                raw: bytes = self._system.cat_file(self._full(path))
            except FileNotFoundError:
                return None
        return raw.decode("utf-8-sig", "replace")

    def state(self, path: str) -> tuple[int, str] | None:
        """Size in bytes, and what changes when the file does (etag or time of change); None where there is none."""
        with self._asked():
            try:
                told: dict[str, Any] = self._system.info(self._full(path))
            except FileNotFoundError:
                return None
        stamp = next((told[name] for name in _STAMPS if told.get(name)), "")
        return int(told["size"] or 0), str(stamp)

    def ends_a_line(self, path: str) -> bool:
        """Whether the last byte ends a line: a file that is being written seldom does; an empty one does."""
        with self._asked():
            last: bytes = self._system.cat_file(self._full(path), start=-1)
        return last in {b"", b"\n"}

    def readable(self, path: str) -> str:
        """The path as DuckDB reads it, after ``introduce``."""
        full = self._full(path)
        return full if self.is_local else f"{self._protocols[0]}://{full.lstrip('/')}"

    def address(self, path: str) -> str:
        """The path as one that names its protocol; of a local file without one."""
        full = self._full(path)
        return full if self.is_local else str(self._system.unstrip_protocol(full))

    def introduce(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Let a connection read these files in place."""
        if not self.is_local:
            connection.register_filesystem(self._system)

    @property
    def _protocols(self) -> tuple[str, ...]:
        told = self._system.protocol
        return (told,) if isinstance(told, str) else tuple(told)

    def _full(self, path: str) -> str:
        return f"{self._root.rstrip('/')}/{path}" if path else str(self._root)

    @contextmanager
    def _asked(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise SourceUnavailable(
                f"{self.folder}: {error}. Is the lake reachable, and may this account read it? It is tried again."
            ) from error
