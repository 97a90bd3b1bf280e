with

    reports as (select * from {{ ref("int_reports_rolled_up") }}),

    deals as (select * from {{ ref("int_deals_won") }}),

    final as (
        select
            reports.manager_id,
            reports.manager_name,
            {{ today() }} as as_of_date,
            deals.won_on,
            {{ rounded("sum(deals.won_amount)") }} as won_amount,
            cast(count(*) as bigint) as won_count
        from reports
        inner join deals on reports.user_id = deals.owner_id
        where deals.won_on <= {{ today() }}
        group by reports.manager_id, reports.manager_name, deals.won_on
        order by reports.manager_id, deals.won_on
    )

select *
from final
