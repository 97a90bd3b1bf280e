with

    scores as (select * from {{ ref("lead_scores") }}),

    final as (
        select
            lead_id,
            full_name as name,
            topic,
            owner_id,
            owner_name,
            status_reason,
            created_at,
            score as lead_score,
            grade as lead_grade,
            trend as lead_score_trend
        from scores
        order by owner_id, lead_score desc, lead_id
    )

select *
from final
