"""Which stages of the sales process are judged by a learner of their own: those in which it wins the back-test."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Final, Literal

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from config.schema.learning import BusinessProcess, Model
from models_ml.scoring.attributes import Attribute
from models_ml.scoring.backtest import MemberScore, clear_winner, compare, facts, thinned
from models_ml.scoring.dataset import Dataset
from models_ml.scoring.learner import Learner
from models_ml.scoring.split import Split, rarer, windows
from models_ml.scoring.staged import STAGE

Bools = NDArray[np.bool_]
By = Literal["all stages", "both", "own"]

SHARES: Final[dict[By, float]] = {"all stages": 0.0, "both": 0.5, "own": 1.0}
"""What the learner of a stage counts beside the model of all stages."""
_LEAST_IN_LAST: Final = 40
"""Closed opportunities in the last stage of the process: the rule of the product we replace."""
_LEAST_IN_WINDOW: Final = 20
NO_STAGE: Final = "(none)"
"""Where records have no stage at all."""
_STAGELESS: Final = "No closed record has a stage. Map the column that holds it to 'stage', or set per_stage to false."


@dataclass(frozen=True)
class StageModel:
    """What scores the records in a stage, and why.

    Attributes:
        stage, position: its name and its place in the process, from 1.
        positive, negative: closed records that were seen in it and are learnt from, by outcome.
        scored_by: whose log-odds count: those of the model of all stages, of its own, or the mean of both.
        because: why, in a sentence.
        auc_all, auc_chosen: mean AUC over the windows of the past, in this stage: of the model of all stages, and of
            what was chosen; None where it was not measured.
    """

    stage: str
    position: int
    positive: int
    negative: int
    scored_by: By = "all stages"
    because: str = ""
    auc_all: float | None = None
    auc_chosen: float | None = None


def choose_stages(
    dataset: Dataset, parts: Split, attributes: tuple[Attribute, ...], settings: Model
) -> tuple[StageModel, ...]:
    """Decide for every stage of the process; none where the model does not ask for models per stage.

    A stage needs ``minimum_records`` of its own, and 40 closed opportunities must have been seen in the last stage. Its
    learner, or the mean of it and the model of all stages, is used where it clearly wins in the windows of the past, as
    told at ``clear_winner``: else the simpler model of all stages stays. The hold-out has no say.
    """
    process = settings.business_process
    if process is None or not process.per_stage:
        return ()
    found = _counted(dataset, parts, process)
    if not found:
        return (StageModel(NO_STAGE, 1, 0, 0, because=_STAGELESS),)
    shut = _why_none(dataset, found, attributes)
    if shut:
        return tuple(replace(each, because=shut) for each in found)
    least = settings.minimum_records
    enough = {each.stage for each in found if each.positive >= least.positive and each.negative >= least.negative}
    said = _said(dataset, parts, attributes, enough) if enough else pd.DataFrame(columns=[STAGE])
    return tuple(
        _decided(each, said[said[STAGE] == each.stage])
        if each.stage in enough
        else replace(each, because=f"{least.positive} + {least.negative} closed records seen in it are needed.")
        for each in found
    )


def _counted(dataset: Dataset, parts: Split, process: BusinessProcess) -> list[StageModel]:
    """The stages in order, with the closed records seen in each by outcome."""
    if STAGE not in dataset.rows:
        return []
    rows = dataset.rows[parts.labelled & dataset.rows[STAGE].notna().to_numpy()]
    stages = rows[STAGE].astype(str)
    pairs = rows.assign(**{STAGE: stages}).groupby([STAGE, "record_id"], observed=True)["label"].max().astype(bool)
    positive = pairs.groupby(level=0).sum()
    negative = (~pairs).groupby(level=0).sum()
    return [
        StageModel(stage, place, int(positive.get(stage, 0)), int(negative.get(stage, 0)))
        for place, stage in enumerate(process.stages or _in_order(rows, stages), 1)
    ]


def _in_order(rows: pd.DataFrame, stages: pd.Series[str]) -> list[str]:
    """Stages by the mean age (days) at which records are seen in them; those of one age by name."""
    age = (rows["as_of_date"] - rows["created_at"]).dt.total_seconds() / 86_400
    mean = age.fillna(0.0).groupby(stages).mean()
    return sorted(mean.index, key=lambda stage: (mean[stage], stage))


def _why_none(dataset: Dataset, found: list[StageModel], attributes: tuple[Attribute, ...]) -> str:
    """Why no stage can have a learner of its own; empty where some may."""
    if STAGE not in {attribute.name for attribute in attributes}:
        return "The attribute 'stage' is not used by the model; scores.attributes says why."
    last = found[-1]
    seen = last.positive + last.negative
    if seen < _LEAST_IN_LAST:
        known = sorted(dataset.rows[STAGE].dropna().astype(str).unique())
        return (
            f"{_LEAST_IN_LAST} closed opportunities in the last stage are needed and {seen} were seen in "
            f"'{last.stage}'. Wait for more, or check business_process.stages against the stages in the data: "
            f"{', '.join(known)}."
        )
    return ""


def _said(dataset: Dataset, parts: Split, attributes: tuple[Attribute, ...], stages: set[str]) -> pd.DataFrame:
    """The log-odds of each candidate on the rows of every window that are in one of the stages.

    Of outcomes that were known before the hold-out began alone. A stage with fewer than 20 records of either outcome to
    learn from, or to predict, is left out of a window.
    """
    of_row = dataset.rows[STAGE].astype(object).to_numpy()
    told = []
    for number, window in enumerate(windows(dataset, parts), 1):
        older, newer = thinned(dataset, window.older), thinned(dataset, window.newer) & parts.older
        whole = Learner.uncalibrated(dataset.rows[older], attributes)
        for stage in sorted(stages):
            inside = np.asarray(of_row == stage, dtype=bool)
            if min(rarer(dataset.rows, mask & inside) for mask in (older, newer)) >= _LEAST_IN_WINDOW:
                own = Learner.uncalibrated(dataset.rows[older & inside], attributes)
                rows = dataset.rows[newer & inside]
                told.append(_candidates(rows, whole, own).assign(number=number, **{STAGE: stage}))
    return pd.concat(told, ignore_index=True) if told else pd.DataFrame(columns=[STAGE])


def _candidates(rows: pd.DataFrame, whole: Learner, own: Learner) -> pd.DataFrame:
    of_all, alone = whole.calibrated(rows), own.calibrated(rows)
    return facts(rows).assign(**{by: (1 - share) * of_all + share * alone for by, share in SHARES.items()})


def _decided(stage: StageModel, said: pd.DataFrame) -> StageModel:
    """The stage with what won the back-test there."""
    measured = compare(said, SHARES) if len(said) else {}
    if not measured:
        return replace(stage, because="No window of the past has enough closed records in it to compare models.")
    by = clear_winner(measured, "all stages")
    others = [score for name, score in measured.items() if name != "all stages"]
    best = measured[by] if by != "all stages" else min(others, key=lambda score: score.log_loss)
    return replace(
        stage,
        scored_by=by,
        because=_told(by, best),
        auc_all=measured["all stages"].auc,
        auc_chosen=measured[by].auc,
    )


def _told(by: By, best: MemberScore) -> str:
    won = f"of {best.windows} windows of the past it won {best.windows_won}"
    if by == "all stages":
        return f"A learner of its own did not clearly win the back-test ({won}), so the simpler model stays."
    what = "Its own learner" if by == "own" else "The mean of its own learner and the model of all stages"
    return f"{what} clearly won the back-test: {won}."


def shares_of(found: tuple[StageModel, ...]) -> list[tuple[str, float]]:
    """Stage and what its own learner counts there, 0-1."""
    return [(each.stage, SHARES[each.scored_by]) for each in found]


def stage_lines(found: tuple[StageModel, ...]) -> list[str]:
    """What a person should read about each stage."""
    words = {"all stages": "the model of all stages", "both": "the mean of that and its own", "own": "its own learner"}
    return [
        f"stage {each.stage} ({each.positive:,} + {each.negative:,} closed records): {words[each.scored_by]}. "
        f"{each.because}"
        for each in found
    ]


def write_stages(connection: duckdb.DuckDBPyConnection, key: dict[str, str], found: tuple[StageModel, ...]) -> None:
    """Write ``scores.stages`` of a model anew; ``key``: score_name, model_name and model_id."""
    connection.execute("delete from scores.stages where model_id = ?", [key["model_id"]])
    named = ", ".join(f"${name} as {name}" for name in (*key, *(field.name for field in fields(StageModel))))
    for each in found:
        connection.execute(f"insert into scores.stages by name select {named}", key | asdict(each))
