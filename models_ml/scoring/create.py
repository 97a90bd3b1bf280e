"""Create a model: one more entry under ``models`` in the YAML of its score."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from config.edit import Edit, edit_new_model
from config.errors import ConfigError, RequestRefused
from config.load import load_config
from config.schema.scores import MOST_MODELS, default_name, overlap_warnings
from config.workspace import Workspace
from models_ml.scoring import ledger


@dataclass(frozen=True)
class CreateReport:
    """What was written, or would be."""

    model_name: str
    edit: Edit
    is_written: bool
    warnings: tuple[str, ...]

    def lines(self) -> list[str]:
        """What a person should read; the first line sums it up."""
        done = "is in" if self.is_written else "would be added to"
        asked = "Build the features and train it: its labels are made with them." if self.is_written else ""
        return [
            f"{self.model_name} {done} {self.edit.path}. {asked}".rstrip(),
            *self.edit.diff().splitlines(),
            *(f"Warning: {warning}" for warning in self.warnings),
        ]


def create(
    workspace: Workspace,
    score_name: str,
    model_name: str = "",
    chosen: tuple[str, str] = ("", ""),
    *,
    dry_run: bool = False,
    as_of: object = None,
) -> CreateReport:
    """Add a model to ``scores/<score>.yml`` of the organisation's configuration folder; comments and order stay.

    A model with a filter goes before the others, one without after them: the first that takes a record scores it. The
    model that a score has without saying so (``LeadScoring``) is written down too, or it would be gone.

    Args:
        workspace: the organisation; it must have a configuration folder of its own.
        score_name: whose model it is.
        model_name: its name; empty: ``LeadScoring_YYYYMMDDHHMM``, the time being UTC.
        chosen: the filter's column, and its values with commas; both empty: it is for all records.
        dry_run: only say what would be written.
        as_of: not used; a model is not of a day.

    Raises:
        RequestRefused: where the name is given already, the filter is half, or the score has as many models as may be.
        ConfigError: where there is no such score, or the file cannot be written or added to.
    """
    del as_of
    settings = ledger.settings_of(workspace, score_name)
    name = model_name or f"{default_name(score_name)}_{datetime.now(UTC):%Y%m%d%H%M}"
    column, values = chosen
    if bool(column) != bool(values):
        raise RequestRefused("A filter needs both, a column and its values; without a filter leave out both.")
    if workspace.config_folder is None:
        raise RequestRefused("Name a configuration folder of your own in SALES_INSIGHTS_CONFIG; it may be empty.")
    if len(settings.models) >= MOST_MODELS:
        raise RequestRefused(f"The score '{score_name}' has {MOST_MODELS} models, which is the most. Remove one first.")
    everyone = workspace.config.scores.items()
    if name.lower() in {model.name.lower() for score, each in everyone for model in each.all_models(score)}:
        raise RequestRefused(f"There is a model named {name} already. Choose another name.")
    let_through = (column, [value.strip() for value in values.split(",")]) if column else None
    edit = edit_new_model(workspace.config_folder, score_name, name, let_through)
    warnings: list[str] = []
    if not dry_run:
        _write(edit)
        written = load_config(workspace.config_folder).scores[score_name]
        warnings = overlap_warnings(score_name, written.all_models(score_name))
    return CreateReport(name, edit, not dry_run, tuple(warnings))


def _write(edit: Edit) -> None:
    try:
        edit.write()
    except OSError as error:
        raise ConfigError(
            f"{edit.path} cannot be written ({error.strerror}). Make it writable, or add by hand:\n{edit.diff()}"
        ) from error
