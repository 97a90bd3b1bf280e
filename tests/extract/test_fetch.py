"""Fetching reads a source into packages, one fetch at a time, and can be killed between any two of them."""

from __future__ import annotations

import shutil

import pytest

from config.errors import ConfigError, SourceUnavailable
from extract.fetch import fetch
from extract.load import load
from extract.packages import Packages
from tests.extract.organisations import ONE_BROKEN, Organised, a_day, put, rows


def test_killed_between_the_package_and_the_end_of_the_fetch(organised: Organised) -> None:
    workspace = organised()
    put(workspace, ONE_BROKEN)
    fetch(workspace, "files")
    packages = workspace.data.packages / "files"
    shutil.rmtree(next(packages.glob("*-fetch")))
    (packages / ".writing-4711").mkdir()
    load(workspace)
    put(workspace, ONE_BROKEN, "leads2.csv")
    a_day(workspace)
    assert [back_fill for (back_fill,) in rows(workspace, "select is_backfill from raw.batches")] == [True, True]
    assert not list(packages.glob(".writing-*"))


def test_two_fetches_at_once(organised: Organised) -> None:
    workspace = organised()
    put(workspace, ONE_BROKEN)
    with Packages(workspace.data.packages / "files").alone(), pytest.raises(SourceUnavailable, match="another fetch"):
        fetch(workspace, "files")


def test_an_unknown_source(organised: Organised) -> None:
    with pytest.raises(ConfigError, match=r"Sources that can be fetched: .*files"):
        fetch(organised(), "filse")
