with

    snapshots as (
        select * from {{ ref("int_opportunity_snapshots_listed") }} where is_dated
    ),

    versions as (select * from {{ ref("hist_opportunities") }}),

    {{ peer_steps(kinds=["owner_id", "product_id"], closed=["won", "lost"]) }}

select *
from final
