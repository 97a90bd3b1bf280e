{{ config(tags=["arrivals"]) }}

with

    snapshots as (select * from {{ ref("int_lead_snapshots_listed") }} where is_dated),

    notes as (
        select *
        from {{ ref("hist_notes") }}
        where regarding_entity = 'lead' and not is_deleted and created_at is not null
    ),

    final as (
        select snapshots.record_id, snapshots.as_of_date, count(*) as notes
        from snapshots
        inner join
            notes
            on snapshots.record_id = notes.regarding_id
            and notes.created_at < snapshots.ends_at
            and {{ was_valid_before("notes", "snapshots.ends_at") }}
        group by snapshots.record_id, snapshots.as_of_date
    )

select *
from final
