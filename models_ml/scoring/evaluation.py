"""What a model proves itself with: its predictions on records it has never seen, kept beside it in the registry."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from config.errors import ContractBroken
from config.schema.learning import Model
from config.workspace import Workspace
from models_ml import metrics
from models_ml.scoring.attributes import Attribute
from models_ml.scoring.backtest import MemberScore, backtest
from models_ml.scoring.dataset import Dataset
from models_ml.scoring.in_use import model_in_use
from models_ml.scoring.leakage import Decision
from models_ml.scoring.learner import Learner, Member
from models_ml.scoring.split import Split, record_weights
from models_ml.scoring.staged import fit_staged
from models_ml.scoring.stages import StageModel, choose_stages, shares_of

_LOG = logging.getLogger(__name__)
_HOLDOUT: Final = "holdout.parquet"
_PAST: Final = "past.parquet"
_FACTS: Final = "facts.json"
_ATTRIBUTES: Final = "attributes.json"
_DIGITS: Final = 6
_LEAST_COMPARED: Final = 30
SEGMENTS: Final = (
    "source", "industry", "country", "stage", "account_industry", "owner_id", "has_email", "has_phone", "has_company"
)  # fmt: skip
"""Columns by whose values a model's accuracy is told, where the score has them."""
SEGMENT: Final = "segment_"


@dataclass(frozen=True)
class Evaluation:
    """Predictions on the hold-out and on open records.

    Attributes:
        holdout: one row per held-out snapshot: record_id, as_of_date, label, label_known_on, weight, probability,
            logistic_probability (of the logistic regression alone, on the same records), champion_probability (nan
            where no champion could score it), and the columns of ``SEGMENTS``, each with ``SEGMENT`` before its name.
        champion_id: the model in use when this one was trained, or None.
        open_records: records open on the day.
        open_mean: their mean predicted probability; None where there are none.
        past: the windows before the hold-out and the random split, as in ``Backtest.rows``.
        member: which member of the learner the back-test chose.
        members: how each member did there.
        older_rate: share of positive records (0-1) among those learnt from: what the base rate alone would promise.
        stages: what scores the records in each stage; empty where the model is not per stage.
        strength: of the regression's regularisation, chosen on the older part: the final model takes it over.
    """

    holdout: pd.DataFrame
    champion_id: str | None
    open_records: int = 0
    open_mean: float | None = None
    past: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"part": pd.Series(dtype=str)}))
    member: Member = "blend"
    members: dict[Member, MemberScore] = field(default_factory=dict)
    older_rate: float | None = None
    stages: tuple[StageModel, ...] = ()
    strength: float | None = None

    def with_open_records(self, final: Learner, dataset: Dataset) -> Evaluation:
        """The same with what the final model says of the records that are open on the day."""
        rows = dataset.rows[dataset.rows["is_current"].astype(bool)]
        mean = round(float(final.probabilities(rows).mean()), _DIGITS) if len(rows) else None
        return replace(self, open_records=len(rows), open_mean=mean)

    def metrics(self) -> dict[str, float]:
        """Shown by MLflow: AUC, Brier score, calibration error and base rate on the hold-out."""
        labels, probabilities, weights = self.columns()
        measured = {
            "auc": metrics.auc(labels, probabilities, weights),
            "brier": metrics.brier(labels, probabilities, weights),
            "calibration_error": metrics.calibration_error(labels, probabilities, weights),
            "base_rate": metrics.base_rate(labels, weights),
            "open_mean_probability": self.open_mean,
        }
        return {name: value for name, value in measured.items() if value is not None}

    def columns(self) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]:
        """Labels, probabilities and weights of the hold-out."""
        return (
            self.holdout["label"].to_numpy(dtype=bool),
            self.holdout["probability"].to_numpy(dtype=np.float64),
            self.holdout["weight"].to_numpy(dtype=np.float64),
        )

    def new_to(self, champion_id: str, champion_day: date) -> pd.DataFrame | None:
        """Rows of the hold-out whose outcome the champion cannot have learnt: known only after it was trained.

        None where they have fewer than 30 of either outcome, or where it was another champion that predicted them, or
        none could.
        """
        fresh = self.holdout[self.holdout["label_known_on"] > pd.Timestamp(champion_day)]
        positive = int(fresh["label"].sum())
        if self.champion_id != champion_id or min(positive, len(fresh) - positive) < _LEAST_COMPARED:
            return None
        return fresh if fresh["champion_probability"].notna().all() else None

    def save(self, folder: Path, decisions: Sequence[Decision]) -> None:
        """Write the evaluation and the attribute report as files."""
        self.holdout.to_parquet(folder / _HOLDOUT, index=False)
        self.past.to_parquet(folder / _PAST, index=False)
        facts = {
            "champion_id": self.champion_id,
            "open_records": self.open_records,
            "open_mean": self.open_mean,
            "member": self.member,
            "members": {member: asdict(score) for member, score in self.members.items()},
            "older_rate": self.older_rate,
            "stages": [asdict(stage) for stage in self.stages],
            "strength": self.strength,
        }
        (folder / _FACTS).write_text(json.dumps(facts, indent=1), encoding="utf-8")
        report = [asdict(decision) for decision in decisions]
        (folder / _ATTRIBUTES).write_text(json.dumps(report, indent=1, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Evaluation:
        """Read what ``save`` wrote.

        Raises:
            ContractBroken: where another version of the product saved it.
        """
        if not (folder / _PAST).exists():
            raise ContractBroken(
                "The model was measured by another version of the product, which did not look back window by window. "
                "Train the score again: 'sales-insights train', 'validate', 'promote'."
            )
        facts = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
        facts["members"] = {member: MemberScore(**score) for member, score in facts["members"].items()}
        facts["stages"] = tuple(StageModel(**stage) for stage in facts.get("stages", ()))
        return cls(pd.read_parquet(folder / _HOLDOUT), past=pd.read_parquet(folder / _PAST), **facts)


def evaluate(
    workspace: Workspace, settings: Model, dataset: Dataset, parts: Split, attributes: tuple[Attribute, ...]
) -> Evaluation:
    """Choose member and stages in windows of the past, learn from the older part alone, and predict the hold-out.

    The champion predicts it as well, and so does the logistic regression alone.
    """
    past = backtest(dataset, parts, attributes)
    stages = choose_stages(dataset, parts, attributes, settings)
    older, newer = dataset.rows[parts.older], dataset.rows[parts.newer]
    learner = fit_staged(older, attributes, past.member, shares_of(stages))
    holdout = newer[["record_id", "as_of_date", "label_known_on"]].reset_index(drop=True)
    holdout["record_id"] = holdout["record_id"].astype(str)
    holdout["label"] = newer["label"].to_numpy().astype(bool)
    holdout["weight"] = record_weights(newer["record_id"])
    holdout["probability"] = learner.probabilities(newer).round(_DIGITS)
    holdout["logistic_probability"] = expit(learner.log_odds(newer, "logistic")).round(_DIGITS)
    champion_id, champion = _champion(workspace, settings, dataset)
    holdout["champion_probability"] = champion.probabilities(newer).round(_DIGITS) if champion else np.nan
    for name in SEGMENTS:
        if name in newer:
            holdout[f"{SEGMENT}{name}"] = newer[name].astype(object).to_numpy()
    older_rate = metrics.base_rate(older["label"].to_numpy().astype(bool), record_weights(older["record_id"]))
    return Evaluation(
        holdout, champion_id, past=past.rows, member=past.member, members=past.members, older_rate=older_rate,
        stages=stages, strength=learner.strength,
    )  # fmt: skip


def _champion(workspace: Workspace, settings: Model, dataset: Dataset) -> tuple[str | None, Learner | None]:
    """The version in use, where there is one and all its attributes still exist."""
    try:
        champion = model_in_use(workspace, settings.name)
    except ContractBroken as error:
        _LOG.warning("%s: the version in use cannot be compared. %s", settings.name, error)
        return None, None
    if champion is None:
        return None, None
    lost = set(champion.learner.encoder.attributes) - set(dataset.attributes)
    if lost:
        names = ", ".join(sorted(attribute.name for attribute in lost))
        _LOG.warning("%s: the version in use cannot be compared, its attributes are gone: %s", settings.name, names)
        return champion.model_id, None
    return champion.model_id, champion.learner
