with

    runs as (
        select score_name, max(as_of_date) as as_of_date
        from {{ ref("score_runs") }}
        group by score_name
    ),

    predictions as (select * from {{ source("scores", "predictions") }}),

    reasons as (select * from {{ source("scores", "reasons") }}),

    newest as (
        select score_name, record_id, max(as_of_date) as explained_on
        from {{ source("scores", "explained") }}
        where as_of_date <= {{ today() }}
        group by score_name, record_id
    ),

    final as (
        select
            predictions.score_name,
            predictions.record_id,
            predictions.as_of_date,
            predictions.model_id,
            predictions.score,
            reasons.base_points,
            reasons.attribute,
            reasons.value,
            reasons.points,
            reasons.direction,
            reasons.rank,
            reasons.sentence,
            reasons.rate,
            reasons.rate_overall,
            reasons.records,
            newest.explained_on
        from predictions
        inner join
            runs
            on predictions.score_name = runs.score_name
            and predictions.as_of_date = runs.as_of_date
        inner join
            newest
            on predictions.score_name = newest.score_name
            and predictions.record_id = newest.record_id
        inner join
            reasons
            on newest.score_name = reasons.score_name
            and newest.record_id = reasons.record_id
            and newest.explained_on = reasons.as_of_date
            and predictions.model_id = reasons.model_id
    )

select *
from final
