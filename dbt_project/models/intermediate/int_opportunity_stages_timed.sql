with

    snapshots as (
        select
            *, cast({{ dbt.date_trunc("month", "as_of_date") }} as date) as month_start
        from {{ ref("int_opportunity_snapshots_listed") }}
        where is_dated
    ),

    entered as (select * from {{ ref("int_opportunity_stages_entered") }}),

    won as (select * from {{ ref("int_won_stages_measured") }}),

    counted as (
        select
            snapshots.record_id,
            snapshots.as_of_date,
            greatest(
                {{
                    dbt.datediff(
                        "cast(entered.entered_at as date)",
                        "snapshots.as_of_date",
                        "day",
                    )
                }},
                0
            ) as days_in_stage,
            won.median_days
        from snapshots
        inner join entered on snapshots.version_id = entered.version_id
        left join
            won on entered.stage = won.stage and snapshots.month_start = won.month_start
        where entered.entered_at is not null
    ),

    final as (
        select
            record_id,
            as_of_date,
            cast(days_in_stage as bigint) as days_in_stage,
            case
                when median_days > 0 then {{ rounded("days_in_stage / median_days") }}
            end as days_in_stage_to_won
        from counted
    )

select *
from final
