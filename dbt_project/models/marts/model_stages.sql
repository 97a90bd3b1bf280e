with

    models as (select * from {{ ref("model_performance") }}),

    stages as (select * from {{ source("scores", "stages") }}),

    final as (
        select
            stages.score_name,
            stages.model_name,
            stages.model_id,
            stages.stage,
            stages.position,
            models.as_of_date,
            models.is_in_use,
            stages.positive as positive_records,
            stages.negative as negative_records,
            stages.scored_by,
            stages.because,
            stages.auc_all,
            stages.auc_chosen
        from stages
        inner join
            models
            on stages.score_name = models.score_name
            and stages.model_id = models.model_id
        order by stages.score_name, models.as_of_date, stages.model_id, stages.position
    )

select *
from final
