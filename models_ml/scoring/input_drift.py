"""Whether the attributes of today's records, and their scores, are still distributed as when a model was measured."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from config.errors import ContractBroken
from models_ml.scoring.baseline import Baseline
from models_ml.scoring.drift import Change, Finding, change
from models_ml.scoring.explanations import Value
from models_ml.scoring.learner import Learner

Integers = NDArray[np.int64]

_EMPTY, _RARE = 0, 1
_TOLD: Final = 2
_LEAST_TOLD: Final = 0.02
_NAMED: Final = 3


def input_findings(learner: Learner, baseline: Baseline, rows: pd.DataFrame, minimum: int) -> list[Finding]:
    """One finding per attribute, and that of the score at last.

    Args:
        learner: the version in use.
        baseline: what its hold-out looked like.
        rows: records to compare, as in ``Recent.rows``.
        minimum: of records, and of records to compare with.

    Raises:
        ContractBroken: where the version was saved without the words for its values.
    """
    known = learner.explanations
    if known is None:
        raise ContractBroken(
            "The version in use was saved without explanations. Train it again: 'sales-insights train', 'validate', "
            "'promote'."
        )
    ages = rows["age_number"].to_numpy(dtype=np.int64)
    there = baseline.scores.sum(axis=1)[ages] > 0
    rows, ages = rows[there], ages[there]
    if len(rows) < minimum or baseline.scores.sum() < minimum:
        return [_too_few(baseline, len(rows))]
    findings = []
    for index, codes in enumerate(learner.encoder.codes(rows)):
        attribute = learner.encoder.attributes[index]
        if attribute.tells_the_time:
            continue
        found = change(baseline.counts[index], codes, ages, is_ordered=attribute.kind == "number")
        told = _told(known.values[index], found, rows[attribute.name][codes == _RARE])
        findings.append(_input(attribute.name, found, len(rows), told))
    return [*findings, _score_finding(learner, baseline, rows, ages)]


def _too_few(baseline: Baseline, count: int) -> Finding:
    held_out = int(baseline.scores.sum())
    return Finding(
        "score",
        records=count,
        reference_records=held_out,
        because=f"{count:,} new records could be compared with {held_out:,} of those that measured the version.",
    )


def _input(name: str, found: Change, count: int, told: str) -> Finding:
    most = int(np.argmax(np.abs(found.now - found.before)))
    return Finding(
        "input",
        name,
        measure="psi",
        effect=found.psi,
        p_value=found.p_value,
        expected=float(found.before[most]),
        observed=float(found.now[most]),
        records=count,
        reference_records=found.reference_records,
        because=told,
    )


def _score_finding(learner: Learner, baseline: Baseline, rows: pd.DataFrame, ages: Integers) -> Finding:
    probabilities = learner.probabilities(rows)
    found = change(baseline.scores, np.searchsorted(baseline.edges, probabilities), ages, is_ordered=True)
    share = np.bincount(ages, minlength=len(baseline.ages)) / len(ages)
    used = share > 0
    before = float((share[used] * baseline.score_sums[used] / baseline.scores.sum(axis=1)[used]).sum())
    now = float(probabilities.mean())
    spread = float(1.96 * probabilities.std() / np.sqrt(len(rows)))
    return replace(
        _input("", found, len(rows), f"the mean score went from {100 * before:.0f} to {100 * now:.0f}"),
        aspect="score",
        expected=before,
        observed=now,
        observed_low=max(now - spread, 0.0),
        observed_high=min(now + spread, 1.0),
    )


def _told(values: tuple[Value, ...], found: Change, rare: pd.Series[Any]) -> str:
    """The values that moved most, in words; empty ones and new ones are named by themselves."""
    moved = found.now - found.before
    most = np.argsort(-np.abs(moved), kind="stable")[:_TOLD].tolist()
    most += [code for code in (_EMPTY, _RARE) if moved[code] >= _LEAST_TOLD and code not in most]
    told = []
    for code in (code for code in most if abs(moved[code]) >= _LEAST_TOLD):
        went = "rose" if moved[code] > 0 else "fell"
        shares = f"{went} from {found.before[code]:.0%} to {found.now[code]:.0%}"
        told.append(f"'{values[code].words}' {shares}{_named(rare) if code == _RARE else ''}")
    return ", ".join(told) or "no value moved by more than 2 percentage points"


def _named(rare: pd.Series[Any]) -> str:
    """The most frequent of the values that were rare or never seen when the model learnt."""
    counts = rare.astype(str).value_counts()
    names = sorted(counts.index, key=lambda name: (-counts[name], name))[:_NAMED]
    return f" ({', '.join(names)})" if names else ""
