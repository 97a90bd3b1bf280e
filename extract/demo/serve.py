"""The demo organisation behind emulated services that really listen, and a configuration folder that reads them.

A source that can be emulated has ``extract/sources/<source>/emulator/serve.py`` with a function ``service``; it is
found there, nothing lists it here.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, Protocol

import yaml

from config.errors import ConfigError
from config.load import load_config
from extract.demo.certificate import CertificateFiles, write_certificate
from extract.demo.emulated import Emulated
from extract.demo.failures import Plan

SOURCES: Final = Path(__file__).parent.parent / "sources"
_PORTS: Final = "ports.json"
_HEAD: Final = "# Written by 'sales-insights demo serve', and again whenever it starts: addresses change.\n"


@dataclass(frozen=True)
class Service:
    """One emulated service.

    Attributes:
        app: the ASGI app.
        secret_env: the environment variable that the source's configuration names.
        secret: what belongs into it: the emulator's own, worth nothing.
        settings: address to the keys of ``sources/<source>.yml`` that differ from those that are shipped.
    """

    app: Callable[..., Any]
    secret_env: str
    secret: str
    settings: Callable[[str], Mapping[str, Any]]


class Emulator(Protocol):
    """What ``extract/sources/<source>/emulator/serve.py`` offers."""

    def service(self, size: str, day: date, plan: Plan | None) -> Service:
        """The demo organisation as it is at the end of a day; with a plan its answers fail."""


@dataclass(frozen=True)
class Served:
    """Where everything is."""

    folder: Path
    size: str
    as_of: date
    plan: Plan | None
    ca_file: Path
    addresses: Mapping[str, str]
    secrets: Mapping[str, str]

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables of whoever reads it."""
        return {**self.secrets, "SALES_INSIGHTS_CONFIG": str(self.folder)}

    def told(self) -> list[str]:
        """Where the services are, and whether they fail."""
        plan = "never" if self.plan is None else f"as the real ones do, by plan {self.plan.seed}"
        return [
            *(f"{source:<17} {address}" for source, address in self.addresses.items()),
            f"They fail         {plan}",
            f"Configuration     {self.folder}",
        ]

    def lines(self) -> list[str]:
        """What a person needs to read it."""
        return [
            f"Demo organisation, size {self.size}, at the end of {self.as_of}. Ctrl-C stops it.",
            *self.told(),
            f"CA file           {self.ca_file}",
            "In another terminal:",
            *(f"  export {name}='{value}'" for name, value in self.environment.items()),
            "  sales-insights check-source",
            f"or the whole day: make run CONFIG='{self.folder}'",
        ]


@contextmanager
def serving(folder: Path, size: str, day: date, *, plan: Plan | None = None, port: int = 0) -> Iterator[Served]:
    """Serve the demo organisation as long as the ``with`` block lasts.

    Args:
        folder: where the configuration goes, with the certificates.
        size: tiny, small or large.
        day: at whose end the organisation stands.
        plan: where the services fail; None: nowhere.
        port: of the first service; 0: any free ones.

    Raises:
        ConfigError: where there is no such size, or the story does not reach that day.
    """
    names = sorted(path.parent.parent.name for path in SOURCES.glob("*/emulator/serve.py"))
    services = {}
    for name in names:
        emulator: Emulator = importlib.import_module(f"extract.sources.{name}.emulator.serve")
        services[name] = emulator.service(size, day, plan)
    files = write_certificate(folder / "certificates")
    with ExitStack() as stack:
        ports = {name: port + number for number, name in enumerate(names)} if port else _ports(folder, size)
        addresses = {
            name: stack.enter_context(_listening(service, ports.get(name, 0), port, files)).url
            for name, service in services.items()
        }
        _remember_ports(folder, size, addresses)
        changes = {name: service.settings(addresses[name]) for name, service in services.items()}
        write_overlay(folder, day, {name: {**told, "ca_file": str(files.ca)} for name, told in changes.items()})
        secrets = {service.secret_env: service.secret for service in services.values()}
        yield Served(folder, size, day, plan, files.ca, addresses, secrets)


def _listening(service: Service, port: int, asked: int, files: CertificateFiles) -> Emulated:
    """The service at a port; at any other where that one is taken, unless it was asked for.

    Raises:
        ConfigError: where the port that was asked for is taken.
    """
    try:
        return Emulated(service.app, port, files)
    except OSError as error:
        if asked:
            raise ConfigError(f"port {port} is taken ({error.strerror}); choose another with --port.") from error
        return Emulated(service.app, 0, files)


def _ports(folder: Path, size: str) -> dict[str, int]:
    """Where the services of that organisation were the last time: links that they gave out hold only there."""
    path = folder / _PORTS
    told = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return told.get("ports", {}) if told.get("size") == size else {}


def _remember_ports(folder: Path, size: str, addresses: Mapping[str, str]) -> None:
    ports = {name: int(address.rpartition(":")[2]) for name, address in addresses.items()}
    (folder / _PORTS).write_text(json.dumps({"size": size, "ports": ports}), encoding="utf-8")


def write_overlay(folder: Path, day: date, sources: Mapping[str, Mapping[str, Any]]) -> None:
    """A configuration folder: the shipped files, with these sources switched on and all others off."""
    config = load_config()
    (folder / "sources").mkdir(parents=True, exist_ok=True)
    for name, settings in config.sources.items():
        shipped = settings.model_dump(mode="json", exclude_unset=True)
        changes = {"enabled": True, **sources[name]} if name in sources else {"enabled": False}
        _write(folder / "sources" / f"{name}.yml", {**shipped, **changes})
    organisation = config.organisation.model_dump(mode="json", exclude_unset=True)
    _write(folder / "organisation.yml", {**organisation, "as_of": day.isoformat()})


def _write(path: Path, content: Mapping[str, Any]) -> None:
    """One file, whole or not at all."""
    aside = path.with_name(f".{path.name}.part")
    aside.write_text(_HEAD + yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True), encoding="utf-8")
    aside.replace(path)
