with

    snapshots as (
        select * from {{ ref("int_opportunity_snapshots_listed") }} where is_dated
    ),

    activities as (
        select *
        from {{ ref("int_activities_attributed") }}
        where regarding_entity = 'opportunity'
    ),

    {{ activity_steps() }}

select *
from final
