"""The demo organisation as a Dataverse organisation: the same records and values as its exported files."""

from extract.sources.dataverse.emulator.demo.organisation import DemoOrganisation

__all__ = ["DemoOrganisation"]
