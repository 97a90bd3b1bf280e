"""Labels of the score 'opportunity'."""

from __future__ import annotations

from typing import Final

from expectations import snapshots
from expectations.expectation import Expectation
from expectations.subject import Subject

LAYER: Final = "features"
TABLE: Final = "features.label_opportunity"
KEY: Final = snapshots.LABEL_KEY


def expectations(subject: Subject) -> list[Expectation]:
    """What the labels of every score promise."""
    return snapshots.label_rows(subject)
