"""Features of the score 'lead'."""

from __future__ import annotations

from typing import Final

from expectations import snapshots
from expectations.expectation import Expectation
from expectations.subject import Subject

LAYER: Final = "features"
TABLE: Final = "features.feat_lead"
KEY: Final = snapshots.KEY


def expectations(subject: Subject) -> list[Expectation]:
    """What the features of every score promise."""
    return snapshots.feature_rows(subject, "leads")
