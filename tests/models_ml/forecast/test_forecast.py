"""The three verbs on hand-made managers in a real warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from config.errors import ContractBroken
from config.workspace import Workspace
from models_ml.forecast.forecast import Lane, collect, forecast, series
from models_ml.forecast.report import ForecastReport
from tests.models_ml.forecast.managers import bumpy, every_day, put_managers
from warehouse.connection import open_warehouse

DAY = date(2026, 5, 20)  # a Wednesday, in the middle of the second quarter
START = date(2025, 3, 12)  # a Wednesday, 62 complete weeks before
LATE = date(2025, 12, 1)  # 24 complete weeks before: not enough
QUARTER = date(2026, 4, 1)

ROWS = "select * exclude (forecast_at) from forecasts.managers order by manager_id, period"
PAST = "select * from forecasts.backtests order by manager_id, period, origin_week"


def query(workspace: Workspace, sql: str) -> list[dict[str, Any]]:
    with open_warehouse(workspace) as connection:
        cursor = connection.execute(sql)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def whole_day(workspace: Workspace, day: date = DAY) -> ForecastReport:
    for lane in series(workspace, as_of=day):
        forecast(workspace, lane.manager_id, as_of=day)
    return collect(workspace, as_of=day)


THREE_MANAGERS = {
    "ana": every_day(START, DAY, bumpy),
    "bo / west": every_day(START, DAY, lambda day: 10 * bumpy(day)),
    "cy": every_day(LATE, DAY, bumpy),
}
"""Ana wins about 100 a day, Bo ten times that; Cy has been winning for 24 weeks only."""


@pytest.fixture
def three_managers(workspace: Workspace) -> Workspace:
    put_managers(workspace, DAY, THREE_MANAGERS)
    return workspace


@dataclass(frozen=True)
class Done:
    """A day that has been forecast; only to be read."""

    workspace: Workspace
    report: ForecastReport

    def rows(self, condition: str = "true") -> list[dict[str, Any]]:
        return query(self.workspace, f"select * from ({ROWS}) where {condition}")

    def past(self) -> list[dict[str, Any]]:
        return query(self.workspace, PAST)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """The three managers, forecast once for all tests that only look at what came out."""
    folder = tmp_path_factory.mktemp("done")
    workspace = Workspace.open({"SALES_INSIGHTS_DATA": str(folder), "SALES_INSIGHTS_INPUT": str(folder)})
    put_managers(workspace, DAY, THREE_MANAGERS)
    return Done(workspace, whole_day(workspace))


def test_a_lane_for_every_manager_with_enough_history(three_managers: Workspace) -> None:
    lanes = series(three_managers, as_of=DAY)
    assert lanes == [Lane("ana", "ana by name", 62, DAY), Lane("bo / west", "bo / west by name", 62, DAY)]
    assert lanes[0].as_dict() == {
        "manager_id": "ana",
        "manager_name": "ana by name",
        "weeks": 62,
        "as_of_date": "2026-05-20",
    }


def test_the_day_is_the_one_loaded_last(three_managers: Workspace) -> None:
    assert {lane.as_of_date for lane in series(three_managers)} == {DAY}


def test_a_steady_manager_is_forecast_to_go_on(done: Done) -> None:
    current, following = done.rows("manager_id = 'ana'")
    won = sum(every_day(QUARTER, DAY, bumpy).values())
    assert (current["period_label"], following["period_label"]) == ("FY2026 Q2", "FY2026 Q3")
    assert (current["period_start"], current["period_end"]) == (QUARTER, date(2026, 6, 30))
    assert (current["status"], current["weeks_of_history"]) == ("forecast", 62)
    assert current["won_to_date_amount"] == pytest.approx(won)
    assert current["predicted_amount"] == pytest.approx(won + 41 * 100, rel=0.03)
    assert following["won_to_date_amount"] == 0
    assert following["predicted_amount"] == pytest.approx(92 * 100, rel=0.05)


def test_intervals_are_nested_and_begin_at_what_is_won(done: Done) -> None:
    for row in done.rows("status = 'forecast'"):
        bounds = [row[name] for name in ("won_to_date_amount", "low_95_amount", "low_80_amount", "predicted_amount")]
        bounds += [row["high_80_amount"], row["high_95_amount"]]
        assert bounds == sorted(bounds)
        assert row["low_80_amount"] < row["predicted_amount"] < row["high_80_amount"]


def test_a_manager_without_enough_history_has_a_row_without_numbers(done: Done) -> None:
    rows = done.rows("manager_id = 'cy'")
    assert [(row["period"], row["status"], row["weeks_of_history"]) for row in rows] == [
        ("current", "not enough history", 24),
        ("next", "not enough history", 24),
    ]
    assert {value for row in rows for name, value in row.items() if name.endswith("_amount")} == {None}
    assert (
        done.report.lines()[0] == "Forecast of 2026-05-20: 2 managers, 1 more without enough history. Amounts in EUR."
    )
    with pytest.raises(ContractBroken, match="no lane for manager 'cy'; it has ana, bo / west"):
        forecast(done.workspace, "cy", as_of=DAY)


def test_errors_of_all_managers_are_pooled(done: Done) -> None:
    rows = done.rows("period = 'next' and status = 'forecast'")
    ana, bo = ((row["high_80_amount"] - row["predicted_amount"]) / row["predicted_amount"] for row in rows)
    assert ana == pytest.approx(bo, rel=0.01), "ten times the amount with the same shape is as uncertain, relatively"
    assert {row["manager_id"] for row in done.past()} == {"ana", "bo / west"}


def test_the_backtest_shows_both_errors(done: Done) -> None:
    past = done.past()
    assert len(past) == 2 * 2 * 12
    for row in past:
        assert row["predicted_amount"] == pytest.approx(row["actual_amount"], rel=0.1)
        assert row["naive_amount"] == pytest.approx(row["actual_amount"], rel=0.1)
    assert "24 past forecasts were wrong by" in done.report.lines()[1]
    assert "the mean of the last 13 weeks by" in done.report.lines()[1]


def test_another_day_leaves_this_one_alone(workspace: Workspace) -> None:
    put_managers(workspace, DAY, {"cy": THREE_MANAGERS["cy"]})
    whole_day(workspace)
    before = query(workspace, ROWS)
    later = date(2026, 5, 24)
    put_managers(workspace, later, {"ana": every_day(LATE, later, bumpy), "cy": every_day(LATE, later, bumpy)})
    whole_day(workspace, later)
    assert query(workspace, f"select * from ({ROWS}) where as_of_date = '{DAY}'") == before
    assert len(query(workspace, f"select * from ({ROWS}) where as_of_date = '{later}'")) == 4


def test_on_the_last_day_of_a_period_its_forecast_is_what_was_won(workspace: Workspace) -> None:
    day = date(2026, 6, 30)
    put_managers(workspace, day, {"ana": every_day(START, day, bumpy)})
    report = whole_day(workspace, day)
    assert "all of it won; the period ends with this day" in report.lines()[2]
    current, _ = query(workspace, ROWS)
    won = pytest.approx(sum(every_day(QUARTER, day, bumpy).values()))
    assert current["status"] == "forecast"
    assert [value for name, value in current.items() if name.endswith("_amount")] == [won] * 6


def test_a_single_manager_has_too_few_past_forecasts_for_95_percent(workspace: Workspace) -> None:
    put_managers(workspace, DAY, {"ana": every_day(START, DAY, bumpy)})
    report = whole_day(workspace)
    for row in query(workspace, ROWS):
        assert row["status"] == "forecast, 95 % interval not measurable"
        assert row["low_80_amount"] < row["high_80_amount"]
        assert row["low_95_amount"] is row["high_95_amount"] is None
    assert report.lines()[-1].endswith("(95 % interval not measurable)")


def test_a_history_too_short_to_look_back_gives_no_interval(workspace: Workspace) -> None:
    start = date(2025, 9, 8)  # 36 complete weeks: the next quarter's window reaches 19 weeks past an origin
    put_managers(workspace, DAY, {"ana": every_day(start, DAY, bumpy)})
    whole_day(workspace)
    _, following = query(workspace, ROWS)
    assert following["weeks_of_history"] == 36
    assert following["status"] == "forecast, interval not measurable"
    assert following["predicted_amount"] > 0
    assert following["low_80_amount"] is following["high_95_amount"] is None


def test_without_managers_nothing_is_written_and_that_is_said(workspace: Workspace) -> None:
    put_managers(workspace, DAY, {})
    assert series(workspace, as_of=DAY) == []
    report = collect(workspace, as_of=DAY)
    assert report.lines() == [
        "Forecast of 2026-05-20: no manager has won anything yet, or no user has a manager; nothing written."
    ]
    assert query(workspace, ROWS) == []


def test_a_lane_that_was_killed_and_a_day_that_runs_again_give_the_same_in_another_place(
    three_managers: Workspace, done: Done
) -> None:
    series(three_managers, as_of=DAY)
    forecast(three_managers, "ana", as_of=DAY)
    finished = next(_lane_files(three_managers))
    finished.with_name("0.part").write_text(finished.read_text()[:100])  # what a kill leaves of the other lane
    with pytest.raises(ContractBroken, match="for: bo / west by name"):
        collect(three_managers, as_of=DAY)
    assert query(three_managers, ROWS) == []
    forecast(three_managers, "bo / west", as_of=DAY)
    collect(three_managers, as_of=DAY)
    assert (query(three_managers, ROWS), query(three_managers, PAST)) == (done.rows(), done.past())
    whole_day(three_managers)
    assert (query(three_managers, ROWS), query(three_managers, PAST)) == (done.rows(), done.past())


def test_a_lane_of_other_numbers_is_not_collected(three_managers: Workspace, done: Done) -> None:
    series(three_managers, as_of=DAY)
    folder = _lanes(three_managers)
    stale = {folder / path.name: path.read_bytes() for path in _lane_files(done.workspace)}
    assert len(stale) == 2
    richer = {name: every_day(START, DAY, lambda day: 2 * bumpy(day)) for name in ("ana", "bo / west")}
    put_managers(three_managers, DAY, richer)
    series(three_managers, as_of=DAY)
    assert list(_lane_files(three_managers)) == []
    for path, content in stale.items():
        path.write_bytes(content)  # a lane of the earlier run that ends late
    with pytest.raises(ContractBroken, match="for: ana by name, bo / west by name"):
        collect(three_managers, as_of=DAY)


def test_the_verbs_say_what_must_run_before_them(workspace: Workspace) -> None:
    with pytest.raises(ContractBroken, match="nothing has been loaded yet"):
        series(workspace)
    with pytest.raises(ContractBroken, match="feat_manager_week does not exist yet"):
        series(workspace, as_of=DAY)
    with pytest.raises(ContractBroken, match="no series of 2026-05-20 yet"):
        collect(workspace, as_of=DAY)
    put_managers(workspace, DAY, {"ana": every_day(START, DAY, bumpy)})
    with pytest.raises(ContractBroken, match=r"no row of 2026-05-21; the newest are of 2026-05-20\. Run"):
        series(workspace, as_of=date(2026, 5, 21))


def test_days_that_do_not_add_up_to_their_weeks_are_refused(three_managers: Workspace) -> None:
    with open_warehouse(three_managers) as connection:
        connection.execute("delete from features.feat_manager_day where won_on = '2026-01-05'")
    with pytest.raises(ContractBroken, match="differ by"):
        series(three_managers, as_of=DAY)


def test_a_gap_between_weeks_is_refused(three_managers: Workspace) -> None:
    with open_warehouse(three_managers) as connection:
        connection.execute("delete from features.feat_manager_week where week_start = '2026-01-05'")
    with pytest.raises(ContractBroken, match="do not run without a gap"):
        series(three_managers, as_of=DAY)


def _lanes(workspace: Workspace) -> Path:
    return workspace.data.forecast / DAY.isoformat() / "lanes"


def _lane_files(workspace: Workspace) -> Iterator[Path]:
    return iter(sorted(_lanes(workspace).glob("*.json")))
