-- A manager's weeks together hold exactly the deals won by the manager and everyone
-- below.
with

    deals as (
        select
            reports.manager_id,
            sum(deals.won_amount) as won_amount,
            count(*) as won_count
        from {{ ref("int_reports_rolled_up") }} as reports
        inner join
            {{ ref("int_deals_won") }} as deals on reports.user_id = deals.owner_id
        group by reports.manager_id
    ),

    weeks as (
        select
            manager_id,
            sum({{ exact("won_amount") }}) as won_amount,
            sum(won_count) as won_count
        from {{ ref("feat_manager_week") }}
        group by manager_id
    )

select *
from deals
full outer join weeks on deals.manager_id = weeks.manager_id
where
    deals.won_amount is distinct from weeks.won_amount
    or deals.won_count is distinct from weeks.won_count
