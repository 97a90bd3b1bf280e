"""What the reference pages are made of: nothing that the code says about itself is lost on the way."""

from __future__ import annotations

from pathlib import Path

from cli.reference.config import config_page
from cli.reference.dags import dags_page
from cli.reference.markdown import table
from cli.reference.tables import tables_page
from config.schema.canonical import ENTITIES
from tests.house.tree import PROJECT, plant

DAG = '''"""Read everything.

Runs: daily.
Reads: files,
and more files.
Writes: rows.
Fails: never.
"""
@dag(schedule=None)
def a_day():
    @task(pool="warehouse")
    def load(as_of: str) -> list[str]:
        """Load it."""

    @task.short_circuit
    def due() -> bool:
        """Whether."""

    load() >> due() >> ask("lead")
'''
VERBS = '''"""No DAG."""
def ask(score: str) -> ApprovalOperator:
    """A person decides."""
    return ApprovalOperator(task_id="approve")
'''
TABLES = """
ROW_COLUMNS = {
    "custom": "varchar",  # JSON
}
_TABLES = {
    # One row per file
    # and batch.
    "raw.batches": {
        "batch_id": "varchar primary key",  # its key
        # A remark about "nothing": "here".
        "rows_read": "bigint",
    },
    # One row per day.
    "ops.days": {"as_of_date": "date", "loaded_at": "timestamp"},
}
"""
MART = """
models:
  - name: lead_scores
    description: >-
      One row per
      lead.
    columns:
      - {name: score, data_type: integer, description: "0 | 100"}
"""


def test_a_dag_and_its_tasks(tmp_path: Path) -> None:
    page = dags_page(plant(tmp_path, {"dags/a_day.py": DAG, "dags/verbs.py": VERBS}))
    assert "## a_day\n\nRead everything.\n\n- **Runs:** daily.\n- **Reads:** files,\n  and more files.\n" in page
    assert "| `load` | Load it. |\n| `due` | Whether. |\n| `approve` | A person decides. |" in page
    assert "verbs" not in page


def test_tables_of_all_kinds(tmp_path: Path) -> None:
    tree = plant(tmp_path, {"warehouse/tables.py": TABLES, "dbt_project/models/marts/lead_scores.yml": MART})
    page = tables_page(tree)
    assert "### lead_scores\n\nOne row per lead.\n" in page
    assert "| `score` | integer | 0 \\| 100 |" in page
    assert "### raw.batches\n\nOne row per file and batch.\n" in page
    assert "| `batch_id` | varchar primary key | its key |\n| `rows_read` | bigint |  |" in page
    assert "### ops.days\n\nOne row per day.\n" in page
    assert "| `loaded_at` | timestamp |  |" in page
    assert "| `custom` | varchar | JSON |" in page
    assert "nothing" not in page


def test_every_hand_written_table_and_entity_has_its_section() -> None:
    page = tables_page(PROJECT)
    assert all(f"### {name}\n" in page for name in ENTITIES)
    source = "".join(path.read_text(encoding="utf-8") for path in (PROJECT / "warehouse").glob("*tables.py"))
    for schema in ("raw", "quarantine", "quality", "scores", "forecasts", "ops"):
        assert source.count(f'"{schema}.') <= page.count(f"### {schema}.")


def test_keys_of_blocks_and_lists_are_spelt_out() -> None:
    page = config_page()
    assert "| `fiscal_year.start_month` | whole number | `1` |" in page
    assert "| `attributes.exclude[].name` | text | **required** |" in page
    assert "| `snapshot_ages_days` | list of whole numbers | `[0, 7, 30]` |" in page
    assert "| `tables[].values` | text: {text: text} |" in page
    assert "| `approval` | `auto`, `manual` | `auto` |" in page


def test_a_cell_holds_bars_and_lines() -> None:
    assert table(["a"], [["x | y\nz"]]) == "| a |\n| --- |\n| x \\| y z |"
