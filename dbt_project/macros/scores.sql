{# What a prediction says and what a person says beside it, in the order in which every mart of scores shows it. #}
{% macro score_columns() -%}
    predictions.score,
    predictions.grade,
    predictions.trend,
    predictions.previous_score,
    predictions.percentile,
    explained.moved,
    overrides.override_score,
    overrides.override_grade,
    overrides.override_by,
    overrides.override_at,
    overrides.override_why,
    predictions.probability,
    predictions.horizon_days,
    predictions.method,
    predictions.model_name,
    predictions.model_id,
    predictions.as_of_date
{%- endmacro %}
