"""Back in time, window by window: what the learner would have promised, and which of its members ranks best."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from models_ml import metrics
from models_ml.scoring.attributes import Attribute
from models_ml.scoring.dataset import Dataset
from models_ml.scoring.learner import ENOUGH_TO_CALIBRATE, SHARES, Learner, Member, platt
from models_ml.scoring.split import Split, Window, record_numbers, record_weights, windows
from models_ml.threads import side_by_side

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
M = TypeVar("M", bound=str)

WINDOW: Final = "window"
RANDOM: Final = "random split"
_AT_RANDOM: Final = 0
_SEED: Final = 20260630
_MOST_RECORDS: Final = 10_000
_LEAST_WINDOWS: Final = 3
_NOT_WORSE: Final = 0.002
_RANKS: Final = 0.55
_DIGITS: Final = 6
_EDGE: Final = 1e-6


@dataclass(frozen=True)
class MemberScore:
    """How a member did in the windows of the past, on outcomes known before the hold-out began.

    Attributes:
        auc: the mean over windows.
        log_loss: the mean over windows, in nats.
        gain_low: by how much its log loss lies below that of the first member (the blend) over all windows, at the
            least: the lower 95 % bound of the mean difference per record.
        windows_won: in how many its log loss is below that of the first.
        windows: how many were measured.
    """

    auc: float
    log_loss: float
    gain_low: float
    windows_won: int
    windows: int


@dataclass(frozen=True)
class Backtest:
    """What was predicted of past records from what was known before them.

    Attributes:
        rows: one row per snapshot: part ('window' or 'random split'), number (of the window, from 1, oldest first; 0),
            begins (the day of its first record), record_id, label, weight, probability.
        member: the one to use.
        members: how each did; empty where there were too few windows.
    """

    rows: pd.DataFrame
    member: Member
    members: dict[Member, MemberScore]


def backtest(dataset: Dataset, parts: Split, attributes: tuple[Attribute, ...]) -> Backtest:
    """Predict each window of the past, choose the member, and predict records drawn at random for comparison.

    Every fit is that of the learner, uncalibrated, with the same fixed settings, on 10,000 records at most (drawn with
    a seed), so a back-test costs a few small fits however large the data. The hold-out is neither learnt from nor
    predicted, but by the random split, which is an illusion and is called one.
    """
    cut = {**dict(enumerate(windows(dataset, parts), 1)), _AT_RANDOM: _random(dataset, parts)}
    said = side_by_side(lambda number: _said(dataset, parts, cut[number], number, attributes), cut)
    table = pd.concat(list(said), ignore_index=True)
    is_random = table["number"] == _AT_RANDOM
    members = member_scores(table[table["is_known"] & ~is_random])
    member = choose(members)
    told = table.drop(columns=[*SHARES, "is_known"]).assign(
        part=np.where(is_random, RANDOM, WINDOW),
        probability=expit(table[member]).round(_DIGITS),
        begins=pd.to_datetime(table["number"].map({number: window.begins for number, window in cut.items()})),
    )
    return Backtest(told, member, members)


def choose(members: dict[Member, MemberScore]) -> Member:
    """The blend, unless a single member clearly wins: then the simpler one is shipped."""
    return clear_winner(members, "blend")


def clear_winner(members: dict[M, MemberScore], first: M) -> M:
    """The first member, unless another one clearly wins.

    It wins if, over at least three windows, its mean AUC is .55 at least (among coins the dullest has the least log
    loss) and not below that of the first by more than .002, and its log loss is lower in most windows and beyond chance
    over all records. Of two that win, the one of the lower log loss. (Of blend and single members: on one of six real
    and simulated sets a member won by chance alone, and lost on the hold-out.)
    """
    if not members or members[first].windows < _LEAST_WINDOWS:
        return first
    winners = [
        member
        for member, score in members.items()
        if score.auc >= max(members[first].auc - _NOT_WORSE, _RANKS)
        and score.gain_low > 0
        and score.windows_won > score.windows / 2
    ]
    return min(winners, key=lambda member: members[member].log_loss) if winners else first


def member_scores(rows: pd.DataFrame) -> dict[Member, MemberScore]:
    """How the blend and both single members did: ``compare``, the blend being the first."""
    return compare(rows, SHARES)


def compare(rows: pd.DataFrame, members: Iterable[M]) -> dict[M, MemberScore]:
    """Mean AUC and log loss of each member over windows that have both outcomes.

    From 1,000 records on the learner is calibrated, so here as well: one slope and offset per member, fitted over all
    windows together, so that a member is not preferred for being bold or timid.

    Args:
        rows: number (of the window), record_id, label, weight, and the log-odds of each member.
        members: their columns; the others are held against the first.
    """
    counted = rows.groupby("number")["label"].agg(["min", "max"])
    rows = rows[rows["number"].isin(counted.index[~counted["min"] & counted["max"]])]
    if rows.empty:
        return {}
    labels, weights = rows["label"].to_numpy(dtype=bool), rows["weight"].to_numpy(dtype=np.float64)
    each = [rows["number"].to_numpy() == number for number in np.unique(rows["number"])]
    promised = {member: _promised(rows, member, labels, weights) for member in members}
    first = next(iter(promised.values()))
    found = {}
    for member, said in promised.items():
        auc = [metrics.auc(labels[one], said[one], weights[one]) or 0.5 for one in each]
        loss = [metrics.log_loss(labels[one], said[one], weights[one]) for one in each]
        loss_of_first = [metrics.log_loss(labels[one], first[one], weights[one]) for one in each]
        gain = np.log(np.where(labels, said, 1 - said) / np.where(labels, first, 1 - first))
        low, _ = metrics.mean_interval(gain, weights, record_numbers(rows["record_id"]))
        found[member] = MemberScore(
            round(float(np.mean(auc)), _DIGITS), round(float(np.mean(loss)), _DIGITS), round(low, _DIGITS),
            int(np.less(loss, loss_of_first).sum()), len(each),
        )  # fmt: skip
    return found


def _promised(rows: pd.DataFrame, member: str, labels: Bools, weights: Floats) -> Floats:
    """Probabilities of a member, calibrated where the learner would be."""
    log_odds = rows[member].to_numpy(dtype=np.float64)
    is_calibrated = rows["record_id"].nunique() >= ENOUGH_TO_CALIBRATE
    slope, offset = platt(log_odds, labels, weights) if is_calibrated else (1.0, 0.0)
    return np.asarray(np.clip(expit(slope * log_odds + offset), _EDGE, 1 - _EDGE))


def _said(
    dataset: Dataset, parts: Split, window: Window, number: int, attributes: tuple[Attribute, ...]
) -> pd.DataFrame:
    """The log-odds of each member on a window's rows; ``is_known`` where the outcome was, before the hold-out began."""
    newer = thinned(dataset, window.newer)
    rows = dataset.rows[newer]
    learner = Learner.uncalibrated(dataset.rows[thinned(dataset, window.older)], attributes)
    told = facts(rows).assign(number=number)
    told["is_known"] = parts.older[newer]
    return told.assign(**{member: learner.log_odds(rows, member) for member in SHARES})


def _random(dataset: Dataset, parts: Split) -> Window:
    """As many records as are held out, drawn at random from all, to be predicted from the others of whatever time."""
    placed = parts.labelled & ~np.isnan(parts.place)
    number = record_numbers(dataset.rows["record_id"])
    wanted = len(np.unique(number[parts.newer]))
    drawn = np.random.default_rng(_SEED).choice(np.unique(number[placed]), wanted, replace=False)
    newer = placed & np.isin(number, drawn)
    return Window(placed & ~newer, newer, None)


def facts(rows: pd.DataFrame) -> pd.DataFrame:
    """The columns by which predictions of these rows are measured: record_id, label, weight."""
    records = rows["record_id"].reset_index(drop=True)
    labels = rows["label"].to_numpy().astype(bool)
    return pd.DataFrame({"record_id": records.astype(str), "label": labels, "weight": record_weights(records)})


def thinned(dataset: Dataset, mask: Bools) -> Bools:
    """The same rows, of 10,000 records at most, drawn with a seed."""
    number = record_numbers(dataset.rows["record_id"][mask])
    records = int(number.max(initial=-1)) + 1
    if records <= _MOST_RECORDS:
        return mask
    kept = np.zeros(records, dtype=bool)
    kept[np.random.default_rng(_SEED).choice(records, _MOST_RECORDS, replace=False)] = True
    thinned = mask.copy()
    thinned[mask] = kept[number]
    return thinned
