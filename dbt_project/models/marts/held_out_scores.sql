with

    models as (select * from {{ ref("model_performance") }} where is_in_use),

    held_out as (select * from {{ source("scores", "held_out") }}),

    final as (
        select
            held_out.score_name,
            models.model_name,
            held_out.model_id,
            held_out.score,
            held_out.records,
            held_out.positive_records
        from held_out
        inner join
            models
            on held_out.score_name = models.score_name
            and held_out.model_id = models.model_id
        order by held_out.score_name, held_out.model_id, held_out.score
    )

select *
from final
