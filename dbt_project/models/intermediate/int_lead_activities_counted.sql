{{ config(tags=["arrivals"]) }}

with

    snapshots as (select * from {{ ref("int_lead_snapshots_listed") }} where is_dated),

    activities as (
        select *
        from {{ ref("int_activities_attributed") }}
        where regarding_entity = 'lead'
    ),

    {{ activity_steps() }}

select *
from final
