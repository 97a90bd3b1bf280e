"""Sales Navigator's export jobs to be asked without LinkedIn, for tests."""

from extract.sources.linkedin.emulator.app import ExportJobs

__all__ = ["ExportJobs"]
