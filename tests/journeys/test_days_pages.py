"""The pages over a day that really ran: every one of them answers, and what it shows is what was published."""

from __future__ import annotations

import re
from decimal import Decimal

import duckdb
import httpx

from config.workspace import Workspace
from tests.dashboards.conftest import served
from tests.journeys.conftest import Undisturbed

_RECORDS = 5


def test_every_page_of_a_day_answers_and_reasons_add_up(undisturbed: Undisturbed) -> None:
    folder = Workspace.open(undisturbed.days.environment("undisturbed")).data.published
    with duckdb.connect(str((folder / "current").resolve() / "sales_insights.duckdb"), read_only=True) as published:
        models = [name for (name,) in published.execute("select model_name from score_runs").fetchall()]
        leads = published.execute(f"select lead_id, score from lead_scores limit {_RECORDS}").fetchall()
        deals = published.execute(f"select opportunity_id, score from opportunity_scores limit {_RECORDS}").fetchall()
    assert len(models) == 2
    assert len(leads) == len(deals) == _RECORDS
    with served(folder) as address, httpx.Client(base_url=address, timeout=60, trust_env=False) as client:
        paths = ["/", "/leads", "/opportunities", "/search?q=a"]
        paths += [f"/{part}/{model}" for model in models for part in ("models", "grades")]
        paths += [f"/grades/{model}?default=1" for model in models]
        paths += re.findall(r'href="(/models/\w+/attributes/[^"]+)"', client.get(f"/models/{models[0]}").text)[
            :_RECORDS
        ]
        assert {path: client.get(path).status_code for path in paths} == dict.fromkeys(paths, 200)
        for place, rows in (("leads", leads), ("opportunities", deals)):
            for key, score in rows:
                text = client.get(f"/{place}/{key}").text
                total = re.search(r'id="total">([\d.]+)', text)
                assert total
                assert Decimal(total[1]) == score
        derived = client.get(f"/grades/{models[0]}?default=1").text
        assert "held-out records" in derived
