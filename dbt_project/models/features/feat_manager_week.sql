with

    reports as (select * from {{ ref("int_reports_rolled_up") }}),

    deals as (select * from {{ ref("int_deals_won") }}),

    won as (
        select
            reports.manager_id,
            reports.manager_name,
            deals.week_start,
            sum(deals.won_amount) as won_amount,
            count(*) as won_count
        from reports
        inner join deals on reports.user_id = deals.owner_id
        group by reports.manager_id, reports.manager_name, deals.week_start
    ),

    managers as (
        select manager_id, manager_name, min(week_start) as first_week
        from won
        group by manager_id, manager_name
    ),

    weeks as (
        select
            cast(
                {{
                    dbt.dateadd(
                        "day", "-7 * (generated_number - 1)", monday_of(today())
                    )
                }} as date
            ) as week_start
        from ({{ dbt.generate_series(4000) }}) as numbers
    ),

    final as (
        select
            managers.manager_id,
            managers.manager_name,
            {{ today() }} as as_of_date,
            weeks.week_start,
            {{ rounded("coalesce(won.won_amount, 0)") }} as won_amount,
            cast(coalesce(won.won_count, 0) as bigint) as won_count,
            {{ dbt.dateadd("day", 6, "weeks.week_start") }}
            <= {{ today() }} as is_complete
        from managers
        inner join weeks on managers.first_week <= weeks.week_start
        left join
            won
            on managers.manager_id = won.manager_id
            and weeks.week_start = won.week_start
        order by managers.manager_id, weeks.week_start
    )

select *
from final
