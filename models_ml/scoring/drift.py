"""Whether what comes now is still what a model was measured on: statistics that respect the size of both samples.

A change counts only where it is both large and no chance. How large is told by a measure that does not grow with the
number of records; whether it is chance, by a test, adjusted for all tests of the model on that day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from config.schema.learning import Monitoring

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Status = Literal["steady", "moderate", "drifting", "not enough records"]
Aspect = Literal["input", "score", "base rate", "ranking"]

STEADY: Final = "steady"
MODERATE: Final = "moderate"
DRIFTING: Final = "drifting"
NOT_ENOUGH: Final = "not enough records"

_LEAST_EXPECTED: Final = 5
_HALF: Final = 0.5
_ODDS: Final = (1.5, 2.0)
_AUC_LOST: Final = (0.05, 0.10)
_Z_95: Final = 1.96


@dataclass(frozen=True)
class Finding:
    """What one test found: a row of ``scores.drift``.

    Attributes:
        aspect: of what; ``attribute`` is empty but for inputs.
        status: of this test alone.
        measure, effect: how large the change is: psi, odds ratio, or AUC lost.
        p_value, adjusted_p_value: the chance of such a change where nothing has changed; adjusted after Benjamini and
            Hochberg for all tests of the model on that day.
        expected, observed: share of the value that moved most (input), mean probability (score), share of wanted
            outcomes (base rate), AUC (ranking), all 0-1.
        observed_low, observed_high: the 95 % interval of what was observed, where there is one.
        records: that are compared; ``reference_records``: what the records to compare with are worth.
        because: the change in words.
    """

    aspect: Aspect
    attribute: str = ""
    status: Status = NOT_ENOUGH
    measure: str = ""
    effect: float | None = None
    p_value: float | None = None
    adjusted_p_value: float | None = None
    expected: float | None = None
    observed: float | None = None
    observed_low: float | None = None
    observed_high: float | None = None
    records: int = 0
    reference_records: float = 0.0
    because: str = ""


@dataclass(frozen=True)
class Change:
    """How two samples of one attribute differ.

    Attributes:
        psi: population stability index, less what chance alone would give.
        p_value: of the test.
        before, now: share of each code, 0-1.
        reference_records: what the reference is worth, in equally weighted records.
    """

    psi: float
    p_value: float
    before: Floats
    now: Floats
    reference_records: float


def change(counts: Integers, codes: Integers, ages: Integers, *, is_ordered: bool) -> Change:
    """Compare codes of records with those of the reference, of the same ages in the same proportions.

    Population stability index: sum of (now - before) ln(now / before) over codes. Where nothing has changed it is about
    (B - 1)(1/n + 1/m) for B codes and n and m records (Yurdakul 2018), which is taken off: small samples must not
    alarm. Codes that would have fewer than 5 records in the smaller sample share a place, here and in Pearson's
    chi-square test. For a number, whose codes are in order, Kolmogorov and Smirnov's test is made as well, and the
    smaller of both p-values counts twice (Bonferroni); on bins it is conservative.

    Args:
        counts: reference, ages x codes.
        codes: the code of each record.
        ages: the row of ``counts`` of each record's age.
        is_ordered: whether codes are bins of a number, from low to high (an empty value is the lowest).
    """
    share_of_age = np.bincount(ages, minlength=len(counts)) / len(ages)
    of_age = counts.sum(axis=1)
    used = share_of_age > 0
    before = (share_of_age[used] / of_age[used]) @ counts[used]
    worth = float(1 / (share_of_age[used] ** 2 / of_age[used]).sum())
    now = np.bincount(codes, minlength=counts.shape[1]) / len(codes)
    table = _pooled(np.vstack([now * len(codes), before * worth]))
    p_value = _chi_square(table)
    if is_ordered:
        p_value = min(1.0, 2 * min(p_value, _kolmogorov_smirnov(now, before, len(codes), worth)))
    return Change(_psi(table), p_value, before, now, worth)


def rate_finding(probabilities: Floats, labels: NDArray[np.bool_], minimum: int) -> Finding:
    """Whether as many outcomes came true as were promised: a z-test of the sum of independent Bernoulli trials.

    The variance is that of the Poisson binomial distribution, sum of p (1 - p); its normal approximation needs ten
    expected of either outcome, below which there are not enough records.
    """
    count, promised, came = len(labels), float(probabilities.sum()), int(labels.sum())
    found = Finding("base rate", measure="odds ratio", records=count)
    if count < minimum or min(promised, count - promised) < 10:
        because = f"Of {count} records the outcome has become known since; that is too few to hold against what was"
        return replace(found, because=f"{because} promised.")
    deviation = float(np.sqrt((probabilities * (1 - probabilities)).sum()))
    interval = stats.binomtest(came, count).proportion_ci(method="wilson")
    odds = [(share + _HALF) / (count - share + _HALF) for share in (came, promised)]
    return replace(
        found,
        effect=float(np.exp(abs(np.log(odds[0] / odds[1])))),
        p_value=float(2 * special.ndtr(-abs(came - promised) / deviation)),
        expected=promised / count,
        observed=came / count,
        observed_low=float(interval.low),
        observed_high=float(interval.high),
        because=f"{promised / count:.1%} were promised and {came / count:.1%} of {count:,} came.",
    )


def ranking_finding(
    promised: tuple[float, float, float], realised: float, interval: tuple[float, float], records: int
) -> Finding:
    """Whether the AUC on outcomes that have become known since lies below what was promised (one-sided z-test).

    Args:
        promised: AUC on the hold-out, and the bounds of its 95 % interval.
        realised: AUC on the records decided since.
        interval: the bounds of its 95 % interval.
        records: how many these are.
    """
    error = np.hypot(promised[2] - promised[1], interval[1] - interval[0]) / (2 * _Z_95)
    lost = promised[0] - realised
    p_value = float(special.ndtr(-lost / error)) if error > 0 else float(lost <= 0)
    return Finding(
        "ranking",
        measure="AUC lost",
        effect=max(lost, 0.0),
        p_value=p_value,
        expected=promised[0],
        observed=realised,
        observed_low=interval[0],
        observed_high=interval[1],
        records=records,
        because=f"AUC {promised[0]:.3f} was promised, {realised:.3f} came true on {records:,} records.",
    )


def judged(findings: Sequence[Finding], bounds: Monitoring) -> tuple[Finding, ...]:
    """The findings with adjusted p-values and statuses.

    All tests of a model on a day are one family: of the changes that are reported, at most the share
    ``bounds.false_alarms`` is chance (Benjamini & Hochberg 1995), and where nothing has changed at all, that is also
    the chance of any alarm.
    """
    p_values = [one.p_value for one in findings if one.p_value is not None]
    adjusted = iter(stats.false_discovery_control(p_values)) if p_values else iter(())
    return tuple(
        one if one.p_value is None else _with_status(replace(one, adjusted_p_value=float(next(adjusted))), bounds)
        for one in findings
    )


def _with_status(finding: Finding, bounds: Monitoring) -> Finding:
    moderate, strong = {"odds ratio": _ODDS, "AUC lost": _AUC_LOST}.get(
        finding.measure, (bounds.moderate_from, bounds.drifting_from)
    )
    effect, p_value = finding.effect or 0.0, finding.adjusted_p_value
    if p_value is None or p_value > bounds.false_alarms or effect < moderate:
        return replace(finding, status=STEADY)
    return replace(finding, status=DRIFTING if effect >= strong else MODERATE)


def _pooled(table: Floats) -> Floats:
    """Two rows of counts; columns with too few expected in the smaller sample are one, at the end."""
    totals = table.sum(axis=1)
    expected = table.sum(axis=0) * totals.min() / totals.sum()
    enough = expected >= _LEAST_EXPECTED
    rest = table[:, ~enough].sum(axis=1)
    if not rest.any():
        return table[:, enough]
    kept = np.column_stack([table[:, enough], rest])
    if expected[~enough].sum() >= _LEAST_EXPECTED or not enough.any():
        return kept
    smallest = int(np.argmin(np.where(enough, expected, np.inf)[enough]))
    kept[:, smallest] += rest
    return kept[:, :-1]


def _chi_square(table: Floats) -> float:
    if table.shape[1] < 2:
        return 1.0
    totals = table.sum(axis=1, keepdims=True)
    expected = totals * table.sum(axis=0) / totals.sum()
    return float(special.chdtrc(table.shape[1] - 1, ((table - expected) ** 2 / expected).sum()))


def _kolmogorov_smirnov(now: Floats, before: Floats, count: int, worth: float) -> float:
    distance = float(np.abs(np.cumsum(now - before)).max())
    return float(special.kolmogorov(distance * np.sqrt(count * worth / (count + worth))))


def _psi(table: Floats) -> float:
    """Half a record is added to each cell, so that a value that was never seen counts as much, and not endlessly."""
    totals, cells = table.sum(axis=1), table.shape[1]
    now, before = (table + _HALF) / (table + _HALF).sum(axis=1, keepdims=True)
    by_chance = float((cells - 1) * (1 / totals).sum())
    return max(float(((now - before) * np.log(now / before)).sum()) - by_chance, 0.0)
