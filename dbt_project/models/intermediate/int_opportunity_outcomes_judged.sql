with

    records as (select * from {{ ref("int_opportunities_known") }}),

    versions as (select * from {{ ref("hist_opportunities") }}),

    {{ outcome_steps(key="opportunity_id", models=var("opportunity_models")) }}

select *
from final
