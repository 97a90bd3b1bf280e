with

    arrived as ({{ rows_of_all_sources("teams") }}),

    {{
        version_steps(
            key=["team_id"],
            attributes=[
                "name",
                "manager_id",
                "region",
                "modified_at",
            ],
        )
    }}

select *
from final
