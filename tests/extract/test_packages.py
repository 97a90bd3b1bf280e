"""The cursor of a stream and its data are there together or not at all, whenever a process is killed."""

from __future__ import annotations

import os
import shutil
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from extract import packages as module
from extract.batch import Batch, batch_id, stream_hash
from extract.packages import KEYS, MANIFEST, Packages

STREAM = ("leads", "lead")


class Killed(Exception):
    """What a test raises in place of a kill."""


def seal(packages: Packages, token: str) -> Batch:
    """Seal the next package of the stream; its keys are a text that names the token."""
    chain = packages.chains().get(STREAM, [])
    after = chain[-1].batch if chain else None
    cursor = {"delta": token}
    content = stream_hash(after, cursor)
    entity, file = STREAM
    batch = Batch(
        batch_id=batch_id("dataverse", entity, file, content, "m"),
        source="dataverse",
        entity=entity,
        file=file,
        file_hash=content,
        content_hash=content,
        mapping_hash="m",
        rows_read=0,
        rows_loaded=0,
        rows_quarantined=0,
        as_of_date=date(2026, 6, 30),
        fetched_at=datetime(2026, 6, 30, 4),
    )
    with packages.alone(), packages.writing() as folder:
        (folder / KEYS).write_text(token)
        packages.seal_stream(folder, batch, cursor, after)
    return batch


def state(packages: Packages) -> tuple[Any, list[str]]:
    return packages.cursor(*STREAM), [path.read_text() for path in packages.keys(*STREAM)]


@pytest.fixture
def packages(tmp_path: Path) -> Packages:
    return Packages(tmp_path / "dataverse")


def done(packages: Packages, first: int = 1) -> None:
    """Load all that waits."""
    for number, package in enumerate(packages.pending(), first):
        packages.done(package, number)


def test_a_stream_that_was_never_read_has_no_cursor(packages: Packages) -> None:
    assert state(packages) == (None, [])


def test_the_cursor_is_the_same_before_and_after_loading(packages: Packages) -> None:
    for token in ("a", "b", "c"):
        seal(packages, token)
    assert state(packages) == ({"delta": "c"}, ["a", "b", "c"])
    done(packages)
    assert packages.pending() == []
    assert state(packages) == ({"delta": "c"}, ["a", "b", "c"])


def test_other_streams_do_not_matter(packages: Packages) -> None:
    seal(packages, "a")
    assert packages.cursor("leads", "lead_archive") is None
    assert packages.cursor("accounts", "lead") is None


def test_forgotten_batches_make_the_cursor_fall_back(packages: Packages) -> None:
    first = seal(packages, "a")
    second = seal(packages, "b")
    done(packages)
    assert packages.forget({first.batch_id}) == [second.batch_id]
    assert state(packages) == ({"delta": "a"}, ["a"])
    packages.forget(set())
    assert state(packages) == (None, [])
    assert list((packages._folder / "loaded").iterdir()) == []


def test_what_waits_behind_a_gap_does_not_count(packages: Packages) -> None:
    """The warehouse was restored from an older copy after the third package was fetched, and before it was loaded."""
    first = seal(packages, "a")
    seal(packages, "b")
    done(packages)
    third = seal(packages, "c")
    done(packages, 3)
    packages.forget({first.batch_id, third.batch_id})
    assert state(packages) == ({"delta": "a"}, ["a"])
    seal(packages, "d")
    assert state(packages) == ({"delta": "d"}, ["a", "d"])


@pytest.fixture
def killed_at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Raise at the n-th call of anything that touches the disk; False once there is no n-th call."""
    calls = {"left": -1}

    def counted(function: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            if calls["left"] == 0:
                raise Killed
            calls["left"] -= 1
            return function(*args, **kwargs)

        return call

    for name in ("write_text", "rename", "replace", "mkdir"):
        monkeypatch.setattr(Path, name, counted(getattr(Path, name)))
    for name in ("copyfile", "rmtree"):
        monkeypatch.setattr(shutil, name, counted(getattr(shutil, name)))
    monkeypatch.setattr(module, "_flush", counted(module._flush))
    monkeypatch.setattr(os, "fsync", counted(os.fsync))

    def arm(step: int) -> None:
        calls["left"] = step

    return arm


@pytest.mark.parametrize("verb", ["seal", "done"])
def test_a_kill_between_any_two_steps_keeps_cursor_and_data_together(
    packages: Packages, killed_at: Any, verb: str
) -> None:
    seal(packages, "a")
    done(packages)
    seal(packages, "b")
    before = state(packages)
    for step in range(100):
        killed_at(step)
        try:
            if verb == "seal":
                seal(packages, f"c{step}")
            else:
                done(packages, 2)
        except Killed:
            killed_at(-1)
            cursor, keys = state(packages)
            # Either the last step was too early, or the whole of it is there; the manifest is never without its keys.
            assert keys[-1] == cursor["delta"]
            assert state(packages) == before or (verb == "seal" and cursor == {"delta": f"c{step}"})
            before = state(packages)
            continue
        break
    else:
        pytest.fail("it never came to its end")
    killed_at(-1)
    assert step > 5
    assert packages.pending() == [] or verb == "seal"
    assert all((package.folder / MANIFEST).is_file() for package in packages.pending())
    assert next(keys.read_text() for keys in packages.keys(*STREAM)) == "a"
