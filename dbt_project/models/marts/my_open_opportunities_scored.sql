with

    scores as (select * from {{ ref("opportunity_scores") }}),

    final as (
        select
            opportunity_id,
            name,
            account_name,
            owner_id,
            owner_name,
            status_reason,
            created_at,
            score as opportunity_score,
            grade as opportunity_grade,
            trend as opportunity_score_trend
        from scores
        order by owner_id, opportunity_score desc, opportunity_id
    )

select *
from final
