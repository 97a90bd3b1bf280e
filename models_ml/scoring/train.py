"""Train a score's model: gate the attributes, measure on the newest records, learn from all, register."""

from __future__ import annotations

import logging
import tempfile
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from config.schema.learning import Model
from config.workspace import Workspace
from models_ml import registry
from models_ml.scoring import fingerprint, ledger
from models_ml.scoring.baseline import Baseline
from models_ml.scoring.dataset import Dataset, read_dataset
from models_ml.scoring.evaluation import evaluate
from models_ml.scoring.explanations import Explanations
from models_ml.scoring.hindsight import read_closings
from models_ml.scoring.influence import learn_explanations, write_influence
from models_ml.scoring.leakage import Decision, judge, used_attributes
from models_ml.scoring.learner import Learner
from models_ml.scoring.minimum import Shortage, shortage
from models_ml.scoring.split import Split, split
from models_ml.scoring.staged import STAGE, fit_staged
from models_ml.scoring.stages import shares_of
from warehouse.connection import open_warehouse
from warehouse.day import day_loaded

_LOG = logging.getLogger(__name__)
_LEARNER: str = "models_ml.scoring.staged"


@dataclass(frozen=True)
class TrainReport:
    """What was learnt from what, and what was left out."""

    score_name: str
    model_name: str
    model_id: str
    day: date
    training_records: int
    holdout_records: int
    holdout_from: date | None
    fell_out: tuple[tuple[str, int], ...]
    set_aside: int
    decisions: tuple[Decision, ...]
    was_known: bool

    def lines(self) -> list[str]:
        """What a person should read; the first line sums it up."""
        newest = f" (created from {self.holdout_from} on)" if self.holdout_from else ""
        used = [decision for decision in self.decisions if decision.is_used]
        known = "was trained before on the same data" if self.was_known else "trained"
        summed = (
            f"{self.model_name}: {self.model_id} {known} on {self.training_records:,} records; the newest "
            f"{self.holdout_records:,}{newest} measure it; {len(used)} of {len(self.decisions)} attributes used"
        )
        lines = [summed]
        lines += [f"not learnt from: {count:,} snapshots, {reason}" for reason, count in self.fell_out]
        if self.set_aside:
            lines.append(f"not learnt from: {self.set_aside:,} snapshots, set aside in quarantine")
        left_out = {(each.decision, each.reason): "" for each in self.decisions if not each.is_used}
        for decision, reason in left_out:
            same = [each.attribute for each in self.decisions if (each.decision, each.reason) == (decision, reason)]
            lines.append(f"{decision}: {', '.join(same)}; {reason}")
        lines += [f"{each.attribute}: {each.reason} ({each.evidence})" for each in used if each.suspected]
        advised = [each for each in self.decisions if each.advice]
        if advised:
            lines.append(f"to decide otherwise, write into scores/{self.score_name}.yml, one attribute per line:")
            lines += [f"  {each.advice}" for each in advised]
        return lines


def train(
    workspace: Workspace, score_name: str, model_name: str | None = None, *, as_of: date | str | None = None
) -> TrainReport:
    """Train a model as of a day and register it as a new version; it is not in use until validated and promoted.

    The same data, settings and code give the same model id; a model that is registered already is not trained again, so
    a repetition after a kill adds nothing. The warehouse is closed while the model is fitted.

    Raises:
        GateNotPassed: where there are too few records, or none newer to measure on: a model of unknown quality is no
            model. The reason is kept in ``scores.models`` with the status 'refused'.
        ContractBroken: where the features are missing.
        ConfigError: where there is no such score or model, or its filter names a column that does not exist.
    """
    settings = ledger.model_of(workspace, score_name, model_name)
    with open_warehouse(workspace) as connection:
        day = day_loaded(connection, workspace, as_of)
        dataset = read_dataset(connection, score_name, settings, day)
        closings = read_closings(connection, score_name)
    parts = split(dataset, settings.holdout_share, settings.training_window)
    decisions = tuple(judge(dataset, parts, settings.attributes, closings))
    setup = fingerprint.setup_fingerprint(settings)
    model_id = fingerprint.model_id(settings.name, day, dataset, setup)
    lacking = shortage(dataset, parts, decisions, settings)
    found = None if lacking else registry.find(workspace, settings.name, model_id)
    known: Explanations | None = None
    if found:
        known = registry.load(workspace, settings.name, found).explanations
    elif not lacking:
        known = _fit_and_register(workspace, settings, dataset, parts, decisions, model_id)
    row = _row(dataset, settings, parts, model_id, setup, lacking)
    with open_warehouse(workspace) as connection:
        ledger.write_trained(connection, row, decisions)
        if known:
            write_influence(connection, model_id, known, decisions)
    if lacking:
        raise lacking.error
    return TrainReport(
        score_name, settings.name, model_id, day, row.training_records, row.holdout_records, parts.holdout_from,
        parts.fell_out, dataset.set_aside, decisions, found is not None,
    )  # fmt: skip


def _fit_and_register(
    workspace: Workspace,
    settings: Model,
    dataset: Dataset,
    parts: Split,
    decisions: tuple[Decision, ...],
    model_id: str,
) -> Explanations | None:
    """Returns the words for what was learnt."""
    attributes = used_attributes(dataset, list(decisions), settings.attributes)
    measured = evaluate(workspace, settings, dataset, parts, attributes)
    rows, shares = dataset.rows[parts.labelled], shares_of(measured.stages)
    final = fit_staged(rows, attributes, measured.member, shares, measured.strength)
    measured = measured.with_open_records(final, dataset)
    final = with_baseline(settings, dataset, parts, _explained(settings, dataset, parts, final))
    with tempfile.TemporaryDirectory() as folder:
        model_folder, evaluation_folder = Path(folder) / "learner", Path(folder) / "evaluation"
        model_folder.mkdir()
        evaluation_folder.mkdir()
        final.save(model_folder)
        measured.save(evaluation_folder, decisions)
        logged = registry.Logged(
            _LEARNER, model_folder, evaluation_folder, _parameters(dataset, parts, final), measured.metrics()
        )
        registry.register(workspace, settings.name, model_id, logged)
    return final.explanations


def _explained(settings: Model, dataset: Dataset, parts: Split, final: Learner) -> Learner:
    """The final model with the words for what it has learnt; per stage too, where records have one."""
    by = STAGE if STAGE in dataset.rows else None
    rows = dataset.rows[parts.labelled]
    known = learn_explanations(final, rows, dataset.score_name, settings.horizon_days, by=by)
    return replace(final, explanations=known)


def with_baseline(settings: Model, dataset: Dataset, parts: Split, final: Learner) -> Learner:
    """The final model with what its hold-out looked like, by which its drift is measured later.

    Without a horizon the undecided records of that time belong to it: those decided by now are the fast ones.
    """
    newest = parts.newer
    if settings.horizon_days is None and newest.any():
        newest = parts.place >= parts.place[newest].min()
    rows, encoder = dataset.rows[newest], final.encoder
    widths = [encoder.width(index) for index in range(len(encoder.attributes))]
    return replace(final, baseline=Baseline.of(rows, encoder.codes(rows), widths, final.probabilities(rows)))


def _row(
    dataset: Dataset, settings: Model, parts: Split, model_id: str, setup: str, lacking: Shortage | None
) -> ledger.ModelRow:
    records = dataset.rows["record_id"]
    return ledger.ModelRow(
        score_name=dataset.score_name,
        model_name=settings.name,
        model_id=model_id,
        as_of_date=dataset.day,
        training_records=int(records[parts.labelled].nunique()),
        holdout_records=int(records[parts.newer].nunique()),
        holdout_from=parts.holdout_from,
        base_rate=None,
        auc=None,
        auc_low=None,
        auc_high=None,
        brier=None,
        calibration_error=None,
        verdict="Not ready to publish" if lacking else None,
        status=lacking.status if lacking else "trained",
        because=lacking.error.because if lacking else "",
        setup=setup,
    )


def _parameters(dataset: Dataset, parts: Split, final: Learner) -> dict[str, str]:
    return {
        "as_of_date": str(dataset.day),
        "training_snapshots": str(int(parts.labelled.sum())),
        "holdout_from": str(parts.holdout_from),
        "attributes": str(len(final.encoder.attributes)),
        "member": final.member,
        "logistic_strength": str(final.strength),
        "calibration_slope": f"{final.slope:.4f}",
    }
