with

    arrived as ({{ rows_of_all_sources("notes") }}),

    {{
        version_steps(
            key=["note_id"],
            attributes=[
                "regarding_entity",
                "regarding_id",
                "owner_id",
                "body",
                "created_at",
                "modified_at",
            ],
            born_at="created_at",
        )
    }}

select *
from final
