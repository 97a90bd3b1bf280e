"""Going back to the version before, once, whatever moment a kill comes at."""

from __future__ import annotations

import pytest

from config.errors import ConfigError
from config.workspace import Workspace
from models_ml import registry
from models_ml.scoring.apply import apply
from models_ml.scoring.due import due
from models_ml.scoring.promote import promote
from models_ml.scoring.revert import revert
from models_ml.scoring.train import train
from models_ml.scoring.validate import validate
from tests.models_ml.scoring.company import make_leads, rows_of, write_leads

STATUSES = "select model_id, status from scores.models order by model_number"


def two_versions(company: Workspace) -> tuple[str, str]:
    ids = []
    for seed in (7, 11):
        write_leads(company, make_leads(seed=seed))
        ids.append(train(company, "lead").model_id)
        validate(company, "lead")
        promote(company, "lead")
    return ids[0], ids[1]


@pytest.mark.fact("1c.revert-version")
def test_the_version_before_scores_again_and_is_not_replaced_at_once(company: Workspace) -> None:
    first, second = two_versions(company)
    apply(company, "lead")
    assert rows_of(company, "select distinct model_id from scores.predictions") == [(second,)]
    report = revert(company, "lead")
    assert (report.model_id, report.left) == (first, second)
    assert rows_of(company, STATUSES) == [(first, "champion"), (second, "reverted")]
    apply(company, "lead")
    assert rows_of(company, "select distinct model_id from scores.predictions") == [(first,)]
    assert not due(company, "lead").is_due
    with pytest.raises(ConfigError, match="nothing to go back to"):
        revert(company, "lead")


def test_a_kill_between_registry_and_warehouse_is_mended(company: Workspace) -> None:
    first, second = two_versions(company)
    previous = registry.in_use(company, "LeadScoring", registry.PREVIOUS)
    assert previous is not None
    registry.go_back(company, "LeadScoring", previous)  # and killed
    report = revert(company, "lead")
    assert (report.model_id, report.left) == (first, second)
    assert rows_of(company, STATUSES) == [(first, "champion"), (second, "reverted")]


def test_without_a_version_before_nothing_changes(company: Workspace) -> None:
    with pytest.raises(ConfigError, match="nothing to go back to"):
        revert(company, "lead")
