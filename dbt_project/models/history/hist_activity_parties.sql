with

    arrived as ({{ rows_of_all_sources("activity_parties") }}),

    {{
        version_steps(
            key=["activity_id", "party_id", "role"],
            attributes=[
                "party_entity",
                "email",
                "modified_at",
            ],
        )
    }}

select *
from final
