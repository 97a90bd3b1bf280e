with

    models as (select * from {{ ref("model_performance") }}),

    curves as (select * from {{ source("scores", "curves") }}),

    final as (
        select
            curves.score_name,
            curves.model_name,
            curves.model_id,
            curves.curve,
            curves.position,
            models.as_of_date,
            models.is_in_use,
            curves.promised,
            curves.realised,
            curves.records,
            curves.lift,
            curves.captured
        from curves
        inner join
            models
            on curves.score_name = models.score_name
            and curves.model_id = models.model_id
        order by
            curves.score_name,
            models.as_of_date,
            curves.model_id,
            curves.curve,
            curves.position
    )

select *
from final
