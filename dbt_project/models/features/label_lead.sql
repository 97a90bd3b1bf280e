{{ config(tags=["arrivals"]) }}

with

    snapshots as (select * from {{ ref("int_lead_snapshots_listed") }}),

    outcomes as (select * from {{ ref("int_lead_outcomes_judged") }}),

    {{ label_steps(models=var("lead_models")) }}

select *
from final
