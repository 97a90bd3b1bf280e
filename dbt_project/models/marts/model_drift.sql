with

    drift as (
        select * from {{ source("scores", "drift") }} where as_of_date <= {{ today() }}
    ),

    models as (select * from {{ ref("model_performance") }}),

    numbered as (
        select
            *,
            max(as_of_date) over (
                partition by score_name, model_id
            ) as newest_as_of_date
        from drift
    ),

    final as (
        select
            numbered.score_name,
            numbered.model_name,
            numbered.model_id,
            numbered.as_of_date,
            numbered.aspect,
            numbered.attribute,
            numbered.status,
            coalesce(models.is_in_use, false) as is_in_use,
            numbered.as_of_date = numbered.newest_as_of_date as is_newest,
            numbered.measure,
            {{ rounded("numbered.effect") }} as effect,
            {{ rounded("numbered.p_value") }} as p_value,
            {{ rounded("numbered.adjusted_p_value") }} as adjusted_p_value,
            {{ rounded("numbered.expected") }} as expected,
            {{ rounded("numbered.observed") }} as observed,
            {{ rounded("numbered.observed_low") }} as observed_low,
            {{ rounded("numbered.observed_high") }} as observed_high,
            numbered.records,
            {{ rounded("numbered.reference_records") }} as reference_records,
            numbered.because,
            numbered.drifting_since,
            numbered.verdict,
            numbered.standing_verdict
        from numbered
        left join
            models
            on numbered.score_name = models.score_name
            and numbered.model_id = models.model_id
        order by
            numbered.score_name,
            numbered.model_id,
            numbered.as_of_date,
            numbered.aspect,
            numbered.attribute
    )

select *
from final
