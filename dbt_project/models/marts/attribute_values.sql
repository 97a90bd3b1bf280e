with

    models as (select * from {{ ref("model_performance") }} where is_in_use),

    rates as (select * from {{ source("scores", "value_rates") }}),

    final as (
        select
            rates.score_name,
            models.model_name,
            rates.model_id,
            rates.attribute,
            rates.position,
            rates.value,
            rates.records,
            rates.rate,
            rates.rate_overall,
            rates.difference_points,
            rates.difference
        from rates
        inner join
            models
            on rates.score_name = models.score_name
            and rates.model_id = models.model_id
        order by rates.score_name, rates.model_id, rates.attribute, rates.position
    )

select *
from final
