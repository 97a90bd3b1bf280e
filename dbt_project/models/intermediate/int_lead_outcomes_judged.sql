{{ config(tags=["arrivals"]) }}

with

    records as (select * from {{ ref("int_leads_known") }}),

    versions as (select * from {{ ref("hist_leads") }}),

    {{ outcome_steps(key="lead_id", models=var("lead_models")) }}

select *
from final
