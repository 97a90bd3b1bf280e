"""The family of errors: one root, one class per remedy, and numbers where a gate stays shut."""

from __future__ import annotations

import config.errors
from config.errors import GateNotPassed, SalesInsightsError


def test_all_errors_are_of_one_family_and_exported() -> None:
    classes = {name for name, value in vars(config.errors).items() if isinstance(value, type)}
    assert classes == set(config.errors.__all__)
    assert all(issubclass(getattr(config.errors, name), SalesInsightsError) for name in classes)


def test_the_family_tree_in_the_docstring_is_complete() -> None:
    assert all(name in (config.errors.__doc__ or "") for name in config.errors.__all__)


def test_a_shut_gate_says_what_was_measured_and_what_is_required() -> None:
    shut = GateNotPassed("lead", "lower bound of the AUC", 0.512, 0.55, "Add attributes.")
    assert str(shut) == "lead: lower bound of the AUC is 0.512, 0.55 is required. Add attributes."


def test_what_could_not_be_measured_is_said_to_be_so() -> None:
    shut = GateNotPassed("lead", "lower bound of the AUC", None, 0.55, "Wait for more closed leads.")
    assert "could not be measured, 0.55 is required" in str(shut)


def test_a_count_of_records_is_not_written_as_a_fraction() -> None:
    shut = GateNotPassed("lead", "number of closed records", 12, 40, "Wait for more closed leads.")
    assert "is 12, 40 is required" in str(shut)
