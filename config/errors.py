"""Every error of the product, grouped by who puts it right.

    SalesInsightsError
    ├── ConfigError          an administrator edits YAML
    ├── SourceUnavailable    nobody: wait, it is retried
    │   └── SourceBusy       nobody: it is being read already
    ├── SourceRefused        whoever holds the secret or grants the permission
    ├── ContractBroken       whoever owns the data; the rows are kept in quarantine
    ├── WarehouseBusy        nobody: another process writes, it is retried
    ├── GateNotPassed        nobody: a model is not good enough, the old one stays
    └── RequestRefused       whoever asked: with what the message names

Every message ends with what to do next.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "ConfigError",
    "ContractBroken",
    "GateNotPassed",
    "RequestRefused",
    "SalesInsightsError",
    "SourceBusy",
    "SourceRefused",
    "SourceUnavailable",
    "WarehouseBusy",
]


class SalesInsightsError(Exception):
    """The root: catch it where a person is told, nowhere else."""


class ConfigError(SalesInsightsError):
    """An administrator edits YAML: the message names the file, the key, what was expected and what to write."""


class SourceUnavailable(SalesInsightsError):
    """A source does not answer, or its files are not there yet: wait; the task is retried."""


class SourceBusy(SourceUnavailable):
    """A source is being read by another fetch: wait until it is done; what it brings is loaded all the same."""


class SourceRefused(SalesInsightsError):
    """A source answers and says no: renew a secret or a permission; retrying does not help."""


class WarehouseBusy(SalesInsightsError):
    """Another process has the warehouse open: wait until it is done; the message names the process."""


class RequestRefused(SalesInsightsError):
    """A person asks for what cannot be done as it was asked: ask again as the message says."""


class ContractBroken(SalesInsightsError):
    """The data break a promise: the message names table, expectation and count, and where the rows are kept."""


@dataclass
class GateNotPassed(SalesInsightsError):
    """A model is not good enough to be published; the model in use stays. Unmeasured counts as not passed.

    Attributes:
        score: the score whose model it is, e.g. ``lead``.
        metric: what was measured, e.g. ``lower 95 % bound of the forward AUC``.
        measured: the value, or None where it could not be measured.
        required: the least value that opens the gate.
        because: one sentence for a person, ending with what to do next.
    """

    score: str
    metric: str
    measured: float | None
    required: float
    because: str

    def __str__(self) -> str:
        measured = "could not be measured" if self.measured is None else f"is {self.measured:.4g}"
        return f"{self.score}: {self.metric} {measured}, {self.required:.4g} is required. {self.because}"
