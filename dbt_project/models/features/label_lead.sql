with

    snapshots as (select * from {{ ref("int_lead_snapshots_listed") }}),

    {{ label_steps(horizon_days=var("lead_horizon_days")) }}

select *
from final
