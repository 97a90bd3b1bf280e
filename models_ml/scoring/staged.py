"""A model with a learner of its own for some stages: what it says, what its attributes add, and its files.

In a stage with a learner of its own the log-odds are (1 - share) x those of the model of all stages + share x its own.
With a share of one half the stage is drawn half-way to what all stages have in common (partial pooling).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models_ml.scoring.attributes import Attribute
from models_ml.scoring.learner import Learner, Member

STAGE: Final = "stage"
"""The attribute that holds a record's stage."""
_FILE: Final = "stages.json"

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Own:
    """What was learnt in one stage alone, and what it counts there (0-1) beside the model of all stages."""

    stage: str
    share: float
    learner: Learner


@dataclass(frozen=True)
class StagedLearner(Learner):
    """The model of all stages, whose words and bins explain every record, and the learners of single stages."""

    own: tuple[Own, ...] = ()

    def calibrated(self, rows: pd.DataFrame) -> Floats:
        """The log-odds of the wanted outcome for each row; a row in a stage with a learner of its own gets both."""
        total = super().calibrated(rows)
        for own, inside in self._of_stages(rows):
            total[inside] += own.share * (own.learner.calibrated(rows[inside]) - total[inside])
        return total

    def contributions(self, rows: pd.DataFrame) -> tuple[float, Floats]:
        """Where every record starts from, and what each attribute adds: exact and additive, as of one learner.

        All records start where the model of all stages does. That a stage's own learner starts elsewhere is what being
        in that stage adds.
        """
        start, added = super().contributions(rows)
        stage = next(place for place, each in enumerate(self.encoder.attributes) if each.name == STAGE)
        for own, inside in self._of_stages(rows):
            own_start, own_added = own.learner.contributions(rows[inside])
            added[inside] += own.share * (own_added - added[inside])
            added[inside, stage] += own.share * (own_start - start)
        return start, added

    def save(self, folder: Path) -> None:
        """Write the model of all stages as a learner is written, and each stage's in a folder of its own."""
        super().save(folder)
        for number, own in enumerate(self.own):
            (folder / f"{STAGE}_{number}").mkdir()
            own.learner.save(folder / f"{STAGE}_{number}")
        told = [{"stage": own.stage, "share": own.share} for own in self.own]
        (folder / _FILE).write_text(json.dumps(told), encoding="utf-8")

    def _of_stages(self, rows: pd.DataFrame) -> Iterator[tuple[Own, Bools]]:
        """Each learner of a stage with the rows in that stage, where there are any."""
        stages = rows[STAGE].astype(object).to_numpy()
        for own in self.own:
            inside = np.asarray(stages == own.stage, dtype=bool)
            if inside.any():
                yield own, inside


def fit_staged(
    rows: pd.DataFrame,
    attributes: tuple[Attribute, ...],
    member: Member,
    shares: Sequence[tuple[str, float]],
    strength: float | None = None,
) -> Learner:
    """Fit on labelled rows: the model of all stages, and the own learner of each stage that has a share.

    Args:
        rows: as ``Learner.fit`` takes them, with the column ``stage`` among the attributes where a stage has a share.
        attributes: the columns to learn from.
        member: which of both members speak, in all learners.
        shares: stage and what its own learner counts, 0-1.
        strength: of the regularisation of the model of all stages; None: it is chosen.
    """
    whole = Learner.fit(rows, attributes, member, strength)
    own = tuple(
        Own(stage, share, Learner.fit(rows[(rows[STAGE] == stage).to_numpy(dtype=bool)], attributes, member))
        for stage, share in shares
        if share
    )
    return _staged(whole, own) if own else whole


def load_learner(folder: Path) -> Learner:
    """Read what ``save`` of either kind wrote; the probabilities are the same to the last bit.

    Raises:
        ContractBroken: where another version of the product saved it.
    """
    whole = Learner.load(folder)
    if not (folder / _FILE).exists():
        return whole
    told = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    return _staged(
        whole,
        tuple(
            Own(each["stage"], each["share"], Learner.load(folder / f"{STAGE}_{number}"))
            for number, each in enumerate(told)
        ),
    )


def _staged(whole: Learner, own: tuple[Own, ...]) -> StagedLearner:
    return StagedLearner(**{each.name: getattr(whole, each.name) for each in fields(Learner)}, own=own)


def _load_pyfunc(path: str) -> Learner:
    """What MLflow calls to load a registered model."""
    return load_learner(Path(path))
