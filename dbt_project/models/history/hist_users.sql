with

    arrived as ({{ rows_of_all_sources("users") }}),

    {{
        version_steps(
            key=["user_id"],
            attributes=[
                "name",
                "email",
                "title",
                "manager_id",
                "team_id",
                "position_id",
                "joined_on",
                "left_on",
                "modified_at",
            ],
        )
    }}

select *
from final
