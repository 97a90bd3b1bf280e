with

    arrived as ({{ rows_of_all_sources("opportunity_closes") }}),

    {{
        version_steps(
            key=["close_id"],
            attributes=[
                "opportunity_id",
                "outcome",
                "status_reason",
                "subject",
                "owner_id",
                "actual_amount",
                "closed_at",
                "created_at",
                "modified_at",
            ],
            born_at="created_at",
        )
    }}

select *
from final
