"""The event of the asset ``drift``: there is one only where a version in use drifts, and it says which and why."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

LEAD = {"model": "LeadScoring", "drifting_since": "2026-06-30", "because": "source: 'Web' rose from 20% to 61%."}


@pytest.fixture
def handover(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What tasks leave for one another, imported with a home of Airflow's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_HOME", str(tmp_path_factory.mktemp("airflow")))
        from dags import handover

        return handover


@pytest.fixture
def event(handover: Any, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A task's context: ``left`` is what the tasks before it left, ``pushed`` what it leaves, ``extra`` the event's."""
    found = SimpleNamespace(left=[], pushed={}, extra=None)
    run = SimpleNamespace(
        xcom_pull=lambda task_ids, key: found.left if key == handover.ALERTS and task_ids else None,
        xcom_push=lambda key, value: found.pushed.update({key: value}),
    )
    monkeypatch.setattr(handover, "get_current_context", lambda: {"ti": run, "outlet_events": {handover.DRIFT: found}})
    return found


def test_a_version_that_drifts_is_an_event_with_the_reason(handover: Any, event: SimpleNamespace) -> None:
    event.left = [[LEAD], None, []]  # of a lane that left nothing, and of one where nothing drifts
    told = handover.send_alerts(["monitor_lead", "monitor_opportunity", "monitor_other"])
    assert told == [f"LeadScoring drifts since 2026-06-30: {LEAD['because']}"]
    assert event.extra == {"versions": [LEAD]}


def test_without_one_the_task_is_skipped_and_there_is_no_event(handover: Any, event: SimpleNamespace) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    event.left = [[], None]
    with pytest.raises(AirflowSkipException, match="no version in use drifts"):
        handover.send_alerts(["monitor_lead", "monitor_opportunity"])
    assert event.extra is None


def test_monitoring_leaves_what_there_is_to_alert_about(
    handover: Any, event: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = SimpleNamespace(alerts=[LEAD], lines=lambda: ["lead: LeadScoring drifting"])
    monkeypatch.setattr(handover, "perform", lambda *_, **__: report)
    assert handover.watch(None, "lead") == ["lead: LeadScoring drifting"]
    assert event.pushed == {handover.ALERTS: [LEAD]}
