"""Tables that Synapse Link writes: in place, appended, and in folders of intervals."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import fsspec
import pytest
import yaml

from config.errors import SourceUnavailable
from config.load import load_config
from config.workspace import DataFolder, Workspace
from extract.fetch import FetchReport, fetch
from extract.load import load
from extract.sources.dataverse.emulator import Column
from extract.sources.dataverse.emulator.lake import Lake, Layout
from tests.extract.organisations import rows
from tests.extract.sources.dataverse.conftest import Serve
from tests.extract.sources.dataverse.organisation import TABLES, Organisation, key, organisation, packaged_keys

FIRST, SECOND, THIRD = "2026-06-30", "2026-07-01", "2026-07-02"
LEADS = TABLES[:1]
EVERYTHING = {"lead": (12, 0)}
LAYOUTS: tuple[Layout, ...] = ("in place", "append", "folders")


class Lakeside:
    """A lake of the small organisation and a workspace that reads it and nothing else."""

    def __init__(self, folder: Path, layout: Layout, names: tuple[str, ...] = ()) -> None:
        self.folder, self.store = folder, organisation()
        self.lake = Lake(self.store, folder / "lake", layout, names)
        self.address = str(folder / "lake")

    def workspace(self, **changes: Any) -> Workspace:
        config = self.folder / "config"
        (config / "sources").mkdir(parents=True, exist_ok=True)
        about = {"name": "Test", "currency": "EUR", "as_of": FIRST, "time_zone": "UTC"}
        (config / "organisation.yml").write_text(yaml.safe_dump(about))
        settings = {
            "enabled": True,
            "terms": {"accepted_by": "A. Admin", "accepted_on": "2026-06-01"},
            "synapse_link": {"folder": self.address},
            "tables": LEADS,
        } | changes
        (config / "sources" / "dataverse.yml").write_text(yaml.safe_dump(settings, sort_keys=False))
        return Workspace(load_config(config), DataFolder(self.folder / "data"), self.folder)

    def export(self) -> Path:
        self.store.clock.put_forward(timedelta(minutes=15))
        return self.lake.export()

    def a_day(self, as_of: str = FIRST, **changes: Any) -> FetchReport:
        workspace = self.workspace(**changes)
        report = fetch(workspace, "dataverse", as_of=as_of)
        load(workspace, as_of=as_of)
        return report

    def latest(self, columns: str) -> list[tuple[Any, ...]]:
        query = f"""
            select {columns} from (
                select raw.*, row_number() over (
                    partition by lead_id order by batch_number desc, _row_number desc
                ) as place
                from raw.dataverse__leads as raw join raw.batches on _batch_id = batch_id
            ) where place = 1 and not _deleted order by all
        """
        return rows(self.workspace(), query)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_everything_then_changes_and_deletions(tmp_path: Path, layout: Layout) -> None:
    side = Lakeside(tmp_path, layout)
    side.store.update("lead", key(2), {"subject": 'A "quoted",\nlong topic'})
    side.export()
    assert packaged_keys(side.a_day()) == EVERYTHING
    again = side.a_day(SECOND)
    assert (again.fetched.read, len(again.fetched.unchanged)) == ((), 1)
    side.store.update("lead", key(1), {"ownerid": ("systemuser", key(902)), "statecode": 1})
    side.store.update("lead", key(1), {"subject": "Changed twice"})
    side.store.delete("lead", key(3))
    side.store.insert("lead", {"leadid": key(99), "subject": "New", "statecode": 0})
    side.export()
    if layout == "in place":
        assert side.a_day(THIRD).fetched.read == (), "a file that is shorter is not trusted at once"
    assert packaged_keys(side.a_day(THIRD)) == {"lead": (3, 0)}
    found = {row[0]: row[1:] for row in side.latest("lead_id, topic, status, owner_id")}
    assert len(found) == 12
    assert found[key(1)] == ("Changed twice", "qualified", key(902))
    assert found[key(2)][0] == 'A "quoted",\nlong topic'
    assert key(3) not in found
    assert found[key(99)][0] == "New"


def test_the_rows_are_those_of_the_api(serve: Serve, tmp_path: Path) -> None:
    served = serve()
    served.a_day(tables=LEADS)
    side = Lakeside(tmp_path / "lakeside", "in place")
    side.export()
    side.a_day()
    columns = "lead_id, topic, status, status_reason, owner_id, estimated_amount, employee_count, custom"
    assert _with_json(side.latest(columns)) == _with_json(served.latest(columns))


def _with_json(found: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [(*row[:-1], json.loads(row[-1])) for row in found]


def test_what_is_not_in_the_lake_is_read_from_the_organisation(served: Organisation, tmp_path: Path) -> None:
    Lake(served.store, tmp_path / "lake", "append", ("lead",)).export()
    link = {"folder": str(tmp_path / "lake")}
    served.tables = TABLES[:2]
    assert packaged_keys(served.a_day(synapse_link=link)) == EVERYTHING | {"account": (2, 0)}
    assert "lake" in _cursor(served.workspace(), "lead")
    assert "lake" not in _cursor(served.workspace(), "account")
    assert packaged_keys(served.a_day(SECOND)) == {"lead": (12, 0)}, "from now on all by the API"
    assert served.a_day(THIRD).fetched.read == ()


def _cursor(workspace: Workspace, stream: str) -> Mapping[str, Any]:
    from extract.packages import Packages

    entities = {"lead": "leads", "account": "accounts"}
    return Packages(workspace.data.packages / "dataverse").cursor(entities[stream], stream) or {}


def test_an_interrupted_reading_restarts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    side = Lakeside(tmp_path, "append")
    side.export()
    with monkeypatch.context() as patched:
        patched.setattr("extract.stream.convert", _killed)
        with pytest.raises(KeyboardInterrupt):
            side.a_day()
    assert packaged_keys(side.a_day()) == EVERYTHING


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_folder_without_its_model_waits(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    side = Lakeside(tmp_path, "folders")
    side.export()
    side.a_day()
    side.store.update("lead", key(1), {"subject": "Half"})
    side.store.clock.put_forward(timedelta(minutes=15))
    half = side.lake.export(is_finished=False)
    assert side.a_day(SECOND).fetched.read == ()
    assert f"{half.name} is still being written; left for next time" in caplog.text
    side.lake.folder = tmp_path / "lake"
    (half / "model.json").write_text((next((tmp_path / "lake").glob("*/model.json"))).read_text())
    (tmp_path / "lake" / "Changelog").mkdir()
    (tmp_path / "lake" / "Changelog" / "changelog.info").write_text(half.name)
    assert side.a_day(SECOND).fetched.read == (), "the service says that it is still writing there"
    (tmp_path / "lake" / "Changelog" / "changelog.info").write_text("2099-01-01T00.00.00Z")
    assert packaged_keys(side.a_day(THIRD)) == {"lead": (1, 0)}


@pytest.mark.parametrize("layout", ["in place", "append"])
def test_a_file_in_mid_write_waits(tmp_path: Path, layout: Layout, caplog: pytest.LogCaptureFixture) -> None:
    side = Lakeside(tmp_path, layout)
    side.export()
    side.a_day()
    (path,) = (tmp_path / "lake" / "lead").glob("*.csv")
    whole = path.read_bytes()
    path.write_bytes(whole + whole[: len(whole) // 20])
    assert side.a_day(SECOND).fetched.read == ()
    assert "ends in mid-row; left for next time" in caplog.text
    lines = whole.splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-2]))
    assert side.a_day(SECOND).fetched.read == ()
    assert "is shorter than it was; left for next time" in caplog.text
    report = side.a_day(THIRD)
    expected = {"lead": (2, 0)} if layout == "in place" else {}
    assert packaged_keys(report) == expected, "it stayed so: what is written in place has lost two rows"


def test_a_column_that_came_later_is_missing_in_older_rows(tmp_path: Path) -> None:
    side = Lakeside(tmp_path, "append", ("lead",))
    side.export()
    path = tmp_path / "lake" / "model.json"
    model = json.loads(path.read_text())
    model["entities"][0]["attributes"].append({"name": "bw_late", "dataType": "string"})
    path.write_text(json.dumps(model))
    (csv,) = (tmp_path / "lake" / "lead").glob("*.csv")
    last = csv.read_text().splitlines()[-1]
    csv.write_text(csv.read_text() + last.replace(key(12), key(77)) + ',"it came"\n')
    assert packaged_keys(side.a_day(tables=LEADS)) == {"lead": (13, 0)}
    custom = dict(side.latest("lead_id, custom"))
    assert json.loads(custom[key(77)])["bw_late"] == "it came"
    assert "bw_late" not in json.loads(custom[key(1)])


def test_lines_that_are_no_rows_go_to_quarantine(tmp_path: Path) -> None:
    side = Lakeside(tmp_path, "append", ("lead",))
    side.export()
    (csv,) = (tmp_path / "lake" / "lead").glob("*.csv")
    csv.write_text(csv.read_text() + ",".join(['"x"'] * 60) + "\n")
    assert packaged_keys(side.a_day(tables=LEADS)) == {"lead": (13, 1)}


def test_a_lake_on_another_file_system(tmp_path: Path) -> None:
    side = Lakeside(tmp_path, "append", ("lead",))
    side.export()
    memory = fsspec.filesystem("memory")
    memory.put(side.address, "/dataverse-org", recursive=True)
    side.address = "memory://dataverse-org"
    assert packaged_keys(side.a_day(tables=LEADS)) == {"lead": (12, 0)}
    assert side.a_day(SECOND, tables=LEADS).fetched.read == ()


def test_what_is_nowhere_and_what_model_json_does_not_name(tmp_path: Path) -> None:
    side = Lakeside(tmp_path, "in place", ("lead", "systemuser"))
    side.export()
    wrong = TABLES[0] | {"columns": TABLES[0]["columns"] | {"topic": "subjekt"}}
    report = side.a_day(tables=[wrong, *TABLES[1:3]])
    assert packaged_keys(report) == {"systemuser": (2, 0)}
    told = [problem.message for problem in report.fetched.problems]
    assert "no column 'subjekt' (mapped at columns.topic), did you mean 'subject'?" in told[0]
    assert "it is not in the lake, and there is no url" in told[1]


def test_a_new_mapping_reads_everything_again(tmp_path: Path) -> None:
    side = Lakeside(tmp_path, "folders", ("lead",))
    side.export()
    side.a_day(tables=LEADS)
    side.store.add_column("lead", Column("bw_level", "string", custom=True))
    side.store.update("lead", key(1), {"bw_level": "high"})
    side.export()
    assert packaged_keys(side.a_day(SECOND, tables=LEADS)) == {"lead": (1, 0)}
    other = TABLES[0] | {"custom_columns": False}
    assert packaged_keys(side.a_day(THIRD, tables=[other])) == {"lead": (12, 0)}


def test_a_file_that_does_not_answer_is_the_trouble_of_its_table(tmp_path: Path) -> None:
    side = Lakeside(tmp_path, "in place", ("lead", "systemuser"))
    side.export()
    for file in (tmp_path / "lake").rglob("systemuser/**/*.csv"):
        file.unlink()
        file.symlink_to(file)  # nobody can open it
    report = side.a_day(tables=TABLES)
    assert packaged_keys(report) == EVERYTHING
    kinds = {problem.file: problem.kind for problem in report.fetched.problems}
    assert kinds["systemuser"] == "unavailable"
    with pytest.raises(SourceUnavailable, match="Is the lake reachable, and may this account read it"):
        side.a_day(SECOND, tables=[table for table in TABLES if table["table"] == "systemuser"])
