"""Whom a client of a service trusts: the system's certificates, and those that a file names besides."""

from __future__ import annotations

import ssl
from functools import lru_cache
from pathlib import Path

from config.errors import ConfigError


def trusted(ca_file: Path | None) -> ssl.SSLContext:
    """The system's certificates, and those of a file besides.

    Made once for as long as the file stays as it is: a source may have a client for every mailbox.

    Raises:
        ConfigError: where the file cannot be read.
    """
    try:
        return _trusted(ca_file, ca_file.stat().st_mtime_ns if ca_file else None)
    except OSError as error:  # an SSLError is one
        raise ConfigError(f"ca_file: {ca_file} holds no certificates. Correct its path.") from error


@lru_cache(maxsize=8)
def _trusted(ca_file: Path | None, _changed_at: int | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(cafile=ca_file)
    return context
