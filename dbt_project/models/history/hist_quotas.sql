with

    arrived as ({{ rows_of_all_sources("quotas") }}),

    {{
        version_steps(
            key=["user_id", "period_start"],
            attributes=[
                "period_end",
                "amount",
                "metric",
                "modified_at",
            ],
        )
    }}

select *
from final
