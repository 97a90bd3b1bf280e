{# What a prediction says, in the order in which every mart of scores shows it. #}
{% macro score_columns() -%}
    predictions.score,
    predictions.grade,
    predictions.trend,
    predictions.previous_score,
    predictions.percentile,
    predictions.probability,
    predictions.horizon_days,
    predictions.method,
    predictions.model_name,
    predictions.model_id,
    predictions.as_of_date
{%- endmacro %}
