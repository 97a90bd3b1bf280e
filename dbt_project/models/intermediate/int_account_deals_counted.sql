with

    snapshots as (
        select * from {{ ref("int_opportunity_snapshots_listed") }} where is_dated
    ),

    deals as (
        select *
        from {{ ref("hist_opportunities") }}
        where not is_deleted and account_id is not null
    ),

    looked_at as (
        select
            snapshots.record_id,
            snapshots.as_of_date,
            snapshots.ends_at,
            deals.account_id
        from snapshots
        inner join deals on snapshots.version_id = deals.version_id
    ),

    others as (
        select
            looked_at.record_id,
            looked_at.as_of_date,
            case
                when deals.status in ('won', 'lost') and deals.closed_at is null
                then 'unknown'
                when
                    deals.status in ('won', 'lost')
                    and deals.closed_at < looked_at.ends_at
                then deals.status
                else 'open'
            end as status
        from looked_at
        inner join
            deals
            on looked_at.account_id = deals.account_id
            and looked_at.record_id <> deals.opportunity_id
            and {{ was_valid_before("deals", "looked_at.ends_at") }}
    ),

    final as (
        select
            record_id,
            as_of_date,
            count(*) filter (where status = 'won') as deals_won,
            count(*) filter (where status = 'lost') as deals_lost,
            count(*) filter (where status = 'open') as deals_open
        from others
        group by record_id, as_of_date
    )

select *
from final
