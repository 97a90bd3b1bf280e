with

    arrived as ({{ rows_of_all_sources("activities") }}),

    {{
        version_steps(
            key=["activity_id"],
            attributes=[
                "type",
                "direction",
                "status",
                "subject",
                "owner_id",
                "regarding_entity",
                "regarding_id",
                "occurred_at",
                "duration_minutes",
                "created_at",
                "modified_at",
            ],
            born_at="created_at",
        )
    }}

select *
from final
