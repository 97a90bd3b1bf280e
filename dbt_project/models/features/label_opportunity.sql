with

    snapshots as (select * from {{ ref("int_opportunity_snapshots_listed") }}),

    outcomes as (select * from {{ ref("int_opportunity_outcomes_judged") }}),

    {{ label_steps(models=var("opportunity_models")) }}

select *
from final
