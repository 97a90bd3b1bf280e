with

    final as (
        select
            score_name,
            record_id,
            as_of_date,
            score,
            grade,
            probability,
            trend,
            method,
            model_name,
            model_id
        from {{ source("scores", "predictions") }}
        where as_of_date <= {{ today() }}
        order by score_name, as_of_date, record_id
    )

select *
from final
