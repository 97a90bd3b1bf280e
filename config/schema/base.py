"""What every part of the configuration is made of."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict

_THIS_MACHINE: Final = ("127.0.0.1", "::1", "localhost")


class Section(BaseModel):
    """A block of YAML: frozen once read; a key that the schema does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, str_strip_whitespace=True)


def is_private(address: str) -> bool:
    """Whether nobody listens in on what goes to an address: https, or http that does not leave this machine."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _THIS_MACHINE)
    )


def _private(value: str) -> str:
    if not is_private(value):
        raise ValueError(f"'{value}' is no address for a secret; it begins with https://")
    return value.rstrip("/")


Address = Annotated[str, AfterValidator(_private)]
"""Where a secret is sent to; without a slash at its end."""
