{{ config(tags=["arrivals"]) }}

with

    records as (
        select * from {{ ref("int_leads_known") }} where {{ is_listed("lead") }}
    ),

    versions as (select * from {{ ref("hist_leads") }}),

    {{
        snapshot_steps(
            models=var("lead_models"),
            ages_days=var("lead_snapshot_ages_days"),
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
            on snapshots.record_id = versions.lead_id
            and {{ version_at_snapshot() }}
    )

select *
from final
