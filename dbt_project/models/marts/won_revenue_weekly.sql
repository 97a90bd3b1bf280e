with

    weeks as (select * from {{ ref("feat_manager_week") }}),

    final as (
        select
            manager_id,
            manager_name,
            week_start,
            cast({{ dbt.dateadd("day", 6, "week_start") }} as date) as week_end,
            is_complete,
            won_amount,
            cast('{{ var("currency") }}' as varchar) as currency,
            won_count,
            as_of_date
        from weeks
        order by manager_id, week_start
    )

select *
from final
