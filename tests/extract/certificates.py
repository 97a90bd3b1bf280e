"""One throw-away certificate for all services that the tests emulate: who trusts it once need not do so again."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from extract.demo.certificate import CertificateFiles, write_certificate

_FOLDER: Final = TemporaryDirectory(prefix="certificates-")


@cache
def certificates() -> CertificateFiles:
    """Made once for each test process; gone with it."""
    return write_certificate(Path(_FOLDER.name))
