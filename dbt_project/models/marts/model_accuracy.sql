with

    models as (select * from {{ ref("model_performance") }}),

    accuracy as (select * from {{ source("scores", "accuracy") }}),

    final as (
        select
            accuracy.score_name,
            accuracy.model_name,
            accuracy.model_id,
            accuracy.part,
            accuracy.group_name,
            accuracy.measure,
            models.as_of_date,
            models.is_in_use,
            accuracy.value,
            accuracy.low,
            accuracy.high,
            accuracy.records,
            accuracy.begins
        from accuracy
        inner join
            models
            on accuracy.score_name = models.score_name
            and accuracy.model_id = models.model_id
        order by
            accuracy.score_name,
            models.as_of_date,
            accuracy.model_id,
            accuracy.part,
            accuracy.group_name,
            accuracy.measure
    )

select *
from final
