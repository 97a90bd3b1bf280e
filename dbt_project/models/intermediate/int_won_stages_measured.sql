with

    months as (
        select distinct
            cast({{ dbt.date_trunc("month", "as_of_date") }} as date) as month_start
        from {{ ref("int_opportunity_snapshots_listed") }}
        where is_dated
    ),

    wins as (
        select *
        from {{ ref("hist_opportunities") }}
        where
            status = 'won'
            and closed_at is not null
            and not is_deleted
            and coalesce(date_precision, 'second') <> 'order'
    ),

    entered as (select * from {{ ref("int_opportunity_stages_entered") }}),

    stays as (
        select
            opportunity_id,
            stay,
            stage,
            min(version_number) as first_version,
            min(entered_at) as entered_at,
            lead(min(entered_at)) over (
                partition by opportunity_id order by stay
            ) as left_at
        from entered
        group by opportunity_id, stay, stage
    ),

    -- What was known as won when the month began, and only the stays before.
    spent as (
        select
            months.month_start,
            stays.stage,
            stays.opportunity_id,
            sum(
                {{
                    dbt.datediff(
                        "cast(stays.entered_at as date)",
                        "cast(least(stays.left_at, wins.closed_at) as date)",
                        "day",
                    )
                }}
            ) as days
        from wins
        inner join
            months
            on wins.closed_at < months.month_start
            and {{ was_valid_before("wins", "months.month_start") }}
        inner join
            stays
            on wins.opportunity_id = stays.opportunity_id
            and stays.first_version <= wins.version_number
            and stays.entered_at <= wins.closed_at
        group by months.month_start, stays.stage, stays.opportunity_id
    ),

    final as (
        select
            stage,
            month_start,
            count(*) as won_opportunities,
            cast(
                percentile_cont(0.5) within group (order by days) as {{ type_double() }}
            ) as median_days
        from spent
        group by stage, month_start
        having count(*) >= 10
    )

select *
from final
