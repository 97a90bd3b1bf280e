"""``scores/<score>.yml``: what a score predicts, from what, and when its model is good enough."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from config.schema.canonical import ENTITIES
from config.schema.grades import GradesOrDefault
from config.schema.learning import Learning, Model

MOST_MODELS = 10


class Score(Learning):
    """One score: what its models have in common, the models where there are several, and its grades.

    The file is named after the score. What is set here holds for all of its models; a model may set it anew.
    """

    snapshot_ages_days: Annotated[
        tuple[Annotated[int, Field(ge=0)], ...],
        Field(min_length=1, description="Ages in days at which each past record is looked at while it was open."),
    ] = (0, 7, 30)
    models: Annotated[
        tuple[Model, ...],
        Field(
            max_length=MOST_MODELS,
            description="Up to 10 models, each for the records that its filter lets through; a record is scored by the "
            "first that takes it. None: one model for all records, named <Score>Scoring.",
        ),
    ] = ()
    grades: Annotated[
        GradesOrDefault,
        Field(description="Least score of each grade, or the range of each; 'default': ranges derived from the data."),
    ]
    trend_tolerance: Annotated[
        int,
        Field(ge=0, le=100, description="A score that moved by no more than so many points is Steady."),
    ] = 2

    @model_validator(mode="after")
    def _different_names(self) -> Self:
        names = [model.name.lower() for model in self.models]
        twice = sorted({model.name for model in self.models if names.count(model.name.lower()) > 1})
        if twice:
            raise ValueError(f"two models are named {', '.join(twice)}; give each a name of its own")
        return self

    def all_models(self, score_name: str) -> tuple[Model, ...]:
        """The models of this score, in the order of the file, each with what it takes from the score filled in."""
        stated = self.models or (Model(name=default_name(score_name)),)
        shared = {name: getattr(self, name) for name in Learning.model_fields}
        return tuple(_filled(model, shared) for model in stated)


def default_name(score_name: str) -> str:
    """The name of the model that a score has where its file names none."""
    return f"{score_name.title()}Scoring"


def _filled(model: Model, shared: dict[str, Any]) -> Model:
    missing = {name: value for name, value in shared.items() if name not in model.model_fields_set}
    return model.model_copy(update=missing)


def overlap_warnings(score_name: str, models: tuple[Model, ...]) -> list[str]:
    """One sentence for each pair of models that may score the same records: the first of them does."""
    return [
        f"scores/{score_name}.yml: the models {one.name} and {other.name} may both score the same records; {one.name} "
        "does, as it stands first. Give them filters with different values of one column to tell them apart."
        for number, one in enumerate(models)
        for other in models[number + 1 :]
        if one.may_share_records_with(other)
    ]


def process_mistakes(score_name: str, models: tuple[Model, ...]) -> list[str]:
    """One sentence for each model with a business process although the records of its score have no stage."""
    entity = next((entity for entity in ENTITIES.values() if entity.key == (f"{score_name}_id",)), None)
    if entity is None or any(column.name == "stage" for column in entity.columns):
        return []
    return [
        f"scores/{score_name}.yml: {model.name}: business_process: {entity.name} pass through no stages of a sales "
        "process, so there is one model for all of them. Remove the key; scores/opportunity.yml may have it."
        for model in models
        if model.business_process is not None
    ]
