with

    snapshots as (select * from {{ ref("int_opportunity_snapshots_listed") }}),

    {{ label_steps(horizon_days=var("opportunity_horizon_days")) }}

select *
from final
