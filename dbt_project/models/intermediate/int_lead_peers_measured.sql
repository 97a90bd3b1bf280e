{{ config(tags=["arrivals"]) }}

with

    snapshots as (select * from {{ ref("int_lead_snapshots_listed") }} where is_dated),

    versions as (select * from {{ ref("hist_leads") }}),

    {{ peer_steps(kinds=["owner_id", "source"], closed=["qualified", "disqualified"]) }}

select *
from final
