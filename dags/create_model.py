"""Create a model: one more entry in the YAML of its score, and labels to learn from.

- Runs: by hand only, with the `score`, a `name`, and the `column` and `values` that tell which records it is for.
- Reads: history and intermediate tables of the day.
- Writes: `scores/<score>.yml` in the configuration folder, and the features with the new model's labels. When Airflow
  has read its files again, within a minute, `train_models` has a lane for it: start that with `retrain` and the model.
- Fails: when the name is taken, the filter is half, there are ten models, or the folder cannot be written.
"""

from __future__ import annotations

from typing import Final

from airflow.sdk import Param, dag, task

from dags.parts import ARGUMENTS, DAY, WAREHOUSE, as_of_param, lanes
from dags.verbs import call

SCORES: Final = sorted({score for score, _ in lanes()})
PARAMS = {
    "score": Param(SCORES[0], enum=SCORES, description="Whose model it is."),
    "name": Param(
        None, type=["null", "string"], description="Its name. Empty: <Score>Scoring_YYYYMMDDHHMM, the time being UTC."
    ),
    "column": Param(
        None, type=["null", "string"], description="The column that tells which records it is for. Empty: all."
    ),
    "values": Param(None, type=["null", "string"], description="The values of that column, with commas."),
}


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=1,
    default_args=ARGUMENTS,
    params=PARAMS | as_of_param(),
    tags=["models"],
    doc_md=__doc__,
)
def create_model() -> None:
    """Write the entry, then build the features anew."""

    @task(pool=WAREHOUSE)
    def create(score: str, name: str, column: str, values: str) -> list[str]:
        """Add a model to the YAML of its score."""
        from models_ml.scoring.create import create as verb

        return call(verb, score, name, (column, values))

    @task(pool=WAREHOUSE)
    def build(as_of: str) -> list[str]:
        """Build the features, with labels for the new model."""
        from warehouse.dbt import build as verb

        return call(verb, "features", as_of=as_of)

    create(*(f"{{{{ params['{name}'] or '' }}}}" for name in ("score", "name", "column", "values"))) >> build(DAY)


create_model()
