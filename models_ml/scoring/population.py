"""Which rows of ``features.feat_<score>`` a model is for: those its filter lets through, and of these the open ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final, TypeVar

import duckdb
import pandas as pd
import pyarrow as pa

from config.errors import ConfigError
from config.mistakes import nearest
from config.schema.learning import Filter, Model
from models_ml.scoring.attributes import (
    Attribute,
    read_attributes,
    selected,
    table_columns,
    value_of,
    without_quarantined,
)
from models_ml.threads import side_by_side

_SHOWN: Final = 10
R = TypeVar("R")


def condition(connection: duckdb.DuckDBPyConnection, score_name: str, model: Model) -> str:
    """The model's filter as SQL over a row ``f`` of the feature table: true or false, never empty.

    Raises:
        ConfigError: where the filter names a column that does not exist.
    """
    if model.filter is None:
        return "true"
    attribute = _filtered(connection, score_name, model, model.filter)
    if attribute.kind == "number":
        numbers = [_number(score_name, model, value) for value in model.filter.values]
        return f"coalesce(try_cast({value_of(attribute)} as double) in ({', '.join(numbers)}), false)"
    texts = ", ".join(_text(value.lower()) for value in model.filter.values)
    return f"coalesce(lower(trim(cast({value_of(attribute)} as varchar))) in ({texts}), false)"


def refuse_empty_filter(connection: duckdb.DuckDBPyConnection, score_name: str, model: Model) -> None:
    """Say what a column holds to a person whose filter lets no record through.

    Raises:
        ConfigError: where there are records, and the filter matches none.
    """
    row = connection.execute(f"select count(distinct record_id) from features.feat_{score_name}").fetchone()
    if model.filter is None or row is None or not row[0]:
        return
    attribute = _filtered(connection, score_name, model, model.filter)
    found = connection.execute(
        f"select cast({value_of(attribute)} as varchar) as value from features.feat_{score_name} f "
        f"where value is not null group by value order by count(*) desc, value limit {_SHOWN}"
    ).fetchall()
    values = ", ".join(sorted(value for (value,) in found)) or "nothing"
    raise ConfigError(
        f"scores/{score_name}.yml: models: {model.name}: filter: {model.filter.column} = "
        f"{' or '.join(model.filter.values)} matches none of the {row[0]:,} records. It holds: {values}. Put right "
        "the values."
    )


class OpenRecords:
    """The records of a score that are open on the day, and which of them a model may score.

    A record is scored by the first model in use, in the order of the configuration, whose filter lets it through and in
    whose terms it is not decided yet.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, score_name: str, day: date) -> None:
        """Raises ContractBroken where the feature table is missing or incomplete."""
        table_columns(connection, score_name)
        self._connection, self._score, self._day = connection, score_name, day
        self._taken: list[str] = []

    def take(self, model: Model) -> str:
        """The condition, over a row ``f``, of what this model scores; models that are asked later get none of it."""
        own = condition(self._connection, self._score, model)
        if model.target is not None:
            own += (
                f" and f.record_id in (select record_id from features.label_{self._score} where "
                f"model_name = '{model.name}' and as_of_date = date '{self._day}' and outcome = 'open')"
            )
        taken = " or ".join(f"({other})" for other in self._taken)
        self._taken.append(own)
        return f"({own}) and not ({taken})" if taken else f"({own})"

    def rest(self) -> str:
        """The condition of what no model has taken."""
        return " and ".join(f"not ({taken})" for taken in self._taken) or "true"

    def count(self, where: str = "true") -> int:
        """How many open records meet a condition, those set aside in quarantine included."""
        row = self._connection.execute(
            f"select count(*) from features.feat_{self._score} f where f.is_current and f.as_of_date = ? and {where}",
            [self._day],
        ).fetchone()
        return int(row[0]) if row else 0

    def named(self, where: str) -> pa.ChunkedArray:
        """The record ids of those that meet a condition and are not set aside in quarantine, in their order."""
        query = (
            f"select f.record_id from {without_quarantined(f'feat_{self._score}')} f "
            f"where f.is_current and f.as_of_date = date '{self._day}' and {where} order by f.record_id"
        )
        return self._connection.sql(query).to_arrow_table()["record_id"]

    def in_batches(
        self,
        records: pa.ChunkedArray | pa.Array,
        attributes: tuple[Attribute, ...],
        size: int,
        work: Callable[[pd.DataFrame], R],
    ) -> Iterator[R]:
        """What ``work`` makes of the rows of open records, batch by batch; batches are worked on side by side.

        Args:
            records: their ids, in order.
            attributes: the columns beside ``record_id``.
            size: how many records are a batch.
            work: gets the rows of a batch in the order of the table: ``record_id`` and one column per attribute.
        """

        def read(batch: tuple[duckdb.DuckDBPyConnection, pa.Table]) -> R:
            reader, wanted = batch
            ids = wanted["record_id"]
            with reader:
                reader.register("wanted", wanted)
                found = reader.execute(query, [ids[0].as_py(), ids[-1].as_py()]).to_arrow_table()
            rows = found.to_pandas(strings_to_categorical=True)
            del found
            return work(rows.assign(record_id=rows["record_id"].astype(str)))

        columns = selected(self._connection, self._score, attributes, ("record_id",))
        query = (
            f"select {columns} from features.feat_{self._score} f "
            f"where f.is_current and f.as_of_date = date '{self._day}' and f.record_id between ? and ? "
            "and f.record_id in (select record_id from wanted)"
        )
        ids = pa.table({"record_id": records})
        batches = (ids.slice(begin, size) for begin in range(0, len(ids), size))
        return side_by_side(read, ((self._connection.cursor(), wanted) for wanted in batches))


def _filtered(connection: duckdb.DuckDBPyConnection, score_name: str, model: Model, chosen: Filter) -> Attribute:
    found = read_attributes(connection, score_name, chosen.column.lower())
    if found:
        return found[0]
    near = nearest(chosen.column, [attribute.name for attribute in read_attributes(connection, score_name)])
    hint = f"did you mean '{near}'?" if near else "the columns are those of the published table model_attributes."
    raise ConfigError(
        f"scores/{score_name}.yml: models: {model.name}: filter.column: there is no column '{chosen.column}'; {hint}"
    )


def _number(score_name: str, model: Model, value: str) -> str:
    try:
        return repr(float(value))
    except ValueError as error:
        raise ConfigError(
            f"scores/{score_name}.yml: models: {model.name}: filter.values: '{value}' is no number, and the column "
            "holds numbers only; write numbers."
        ) from error


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
