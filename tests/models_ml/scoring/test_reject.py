"""A person's no: the version in use stays, and the rejected one does not come back by itself."""

from __future__ import annotations

import pytest

from config.errors import GateNotPassed
from config.workspace import Workspace
from models_ml.scoring.due import due
from models_ml.scoring.promote import promote
from models_ml.scoring.reject import reject
from models_ml.scoring.train import train
from models_ml.scoring.validate import validate
from tests.models_ml.scoring.company import rows_of


@pytest.mark.fact("1c.discard", "1c.revert-version")
def test_a_rejected_version_is_not_put_to_use(company: Workspace) -> None:
    with pytest.raises(GateNotPassed, match="There is no version of 2026-06-30"):
        reject(company, "lead")
    train(company, "lead")
    with pytest.raises(GateNotPassed, match="Only one that is validated can be rejected"):
        reject(company, "lead")
    validate(company, "lead")
    assert "is rejected" in reject(company, "lead").lines()[0]
    reject(company, "lead")
    assert rows_of(company, "select status from scores.models") == [("rejected",)]
    assert not due(company, "lead").is_due
    with pytest.raises(GateNotPassed, match="is 'rejected'"):
        promote(company, "lead")
