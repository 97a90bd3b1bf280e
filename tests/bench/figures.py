"""What is promised of the live sources on two cores, beside what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tests.bench.measure import Measured

_ROWS_A_SECOND: Final = 15_000
_PEAK_MB: Final = 700
_GROWTH: Final = 1.1
_LAKE_SECONDS: Final = 90
_DAILY_SECONDS: Final = 60
_TRAIN_SECONDS: Final = 90
_TRAIN: Final = ("build intermediate", "build features", "train, validate, promote")
_APPLY_SECONDS: Final = 20
_APPLY_MB: Final = 1500
_REASONS_A_SECOND: Final = 6_000
_ARRIVALS_SECONDS: Final = 20


def figures(measured: Sequence[Measured], rows: Mapping[str, int | None]) -> list[str]:
    """A line for each figure that the steps allow to tell; steps that failed tell none."""
    found = {one.step: one for one in measured if one.exit_status == 0}
    told: list[str] = []
    small, large = found.get("dataverse full"), found.get("dataverse x3 full")
    if small:
        count = rows.get(small.step) or 0
        rate = f"{count / small.seconds:,.0f} rows/s (at least {_ROWS_A_SECOND:,})"
        told.append(f"{count:,} rows through the Web API: {rate}, peak {small.peak_mb:.0f} MB (at most {_PEAK_MB})")
    if small and large:
        growth = large.peak_mb / small.peak_mb
        told.append(
            f"{rows.get(large.step) or 0:,} rows through the Web API: {growth:.2f} times that peak (about 1: under "
            f"{_GROWTH}, at most {_PEAK_MB} MB), {(rows.get(large.step) or 0) / large.seconds:,.0f} rows/s"
        )
    if lake := found.get("lake fetch"):
        told.append(
            f"{rows.get(lake.step) or 0:,} rows from a Synapse Link folder: {lake.seconds:.0f} s "
            f"(10,000,000 in at most {_LAKE_SECONDS}), peak {lake.peak_mb:.0f} MB"
        )
    daily = [one for step, one in found.items() if step.startswith("daily ") and step != "daily emulator"]
    if "daily build history" in found:
        seconds = sum(one.seconds for one in daily)
        told.append(
            f"{rows.get('daily fetch') or 0:,} changed rows of 25 tables, from fetch to history: {seconds:.0f} s "
            f"(at most {_DAILY_SECONDS})"
        )
    return [*told, *_scoring(found, rows), *_arrivals(found, rows)]


def _scoring(found: Mapping[str, Measured], rows: Mapping[str, int | None]) -> list[str]:
    told: list[str] = []
    training = [found[f"scoring {step}"] for step in _TRAIN if f"scoring {step}" in found]
    if len(training) == len(_TRAIN):
        told.append(
            f"{rows.get(training[0].step) or 0:,} closed leads with 60 attributes, from features to the model in use: "
            f"{sum(one.seconds for one in training):.0f} s (200,000 in at most {_TRAIN_SECONDS})"
        )
    if explained := found.get("scoring explain"):
        rate = (rows.get(explained.step) or 0) / explained.seconds
        told.append(f"reasons of {rate:,.0f} leads/s (at least {_REASONS_A_SECOND:,}), with the start of the process")
    if applied := found.get("scoring apply"):
        told.append(
            f"{rows.get(applied.step) or 0:,} open leads scored: {applied.seconds:.0f} s (1,000,000 in at most "
            f"{_APPLY_SECONDS}), peak {applied.peak_mb:.0f} MB (at most {_APPLY_MB})"
        )
    return told


def _arrivals(found: Mapping[str, Measured], rows: Mapping[str, int | None]) -> list[str]:
    arrived = [one for step, one in found.items() if step.startswith("arrivals ") and step in rows]
    if not arrived:
        return []
    slowest = max(arrived, key=lambda one: one.seconds)
    return [
        f"{rows[slowest.step] or 0:,} new leads, from the source to the published scores: {slowest.seconds:.0f} s, the "
        f"longest of {len(arrived)} (at most {_ARRIVALS_SECONDS})"
    ]
