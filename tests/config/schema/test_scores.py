"""A score's settings hold together."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from config.schema.learning import Gate


@pytest.mark.parametrize(("ok_from", "ready_from"), [(0.4, 0.65), (0.7, 0.65)])
def test_a_gate_without_order_is_refused(ok_from: float, ready_from: float) -> None:
    with pytest.raises(ValidationError, match="must lie between"):
        Gate(ok_from=ok_from, ready_from=ready_from)
