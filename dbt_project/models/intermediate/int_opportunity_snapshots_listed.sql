with

    records as (select * from {{ ref("int_opportunities_known") }}),

    versions as (select * from {{ ref("hist_opportunities") }}),

    {{
        snapshot_steps(
            models=var("opportunity_models"),
            ages_days=var("opportunity_snapshot_ages_days"),
        )
    }}

    final as (
        select
            snapshots.record_id,
            snapshots.as_of_date,
            snapshots.ends_at,
            case when snapshots.is_dated then snapshots.as_of_date end as dated_on,
            snapshots.created_at,
            snapshots.record_order,
            snapshots.date_precision,
            snapshots.is_dated,
            snapshots.is_open,
            snapshots.is_current,
            {{ is_hindsight() }} as is_hindsight,
            snapshots.outcome,
            snapshots.closed_at,
            versions.version_id
        from snapshots
        inner join
            versions
            on snapshots.record_id = versions.opportunity_id
            and {{ version_at_snapshot() }}
    )

select *
from final
