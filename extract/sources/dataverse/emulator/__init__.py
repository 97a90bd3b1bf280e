"""A Dataverse organisation to be read without one: the Web API v9.2 with its documented awkwardness, for tests."""

from extract.demo.emulated import Emulated
from extract.sources.dataverse.emulator.app import dataverse_app
from extract.sources.dataverse.emulator.clock import Clock
from extract.sources.dataverse.emulator.identity import Registration
from extract.sources.dataverse.emulator.limits import Limits
from extract.sources.dataverse.emulator.schema import Column, Option, Table
from extract.sources.dataverse.emulator.store import Store
from extract.sources.dataverse.emulator.troubles import failing

__all__ = [
    "Clock",
    "Column",
    "Emulated",
    "Limits",
    "Option",
    "Registration",
    "Store",
    "Table",
    "dataverse_app",
    "failing",
]
