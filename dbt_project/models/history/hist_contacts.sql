with

    arrived as ({{ rows_of_all_sources("contacts") }}),

    {{
        version_steps(
            key=["contact_id"],
            attributes=[
                "account_id",
                "first_name",
                "last_name",
                "email",
                "phone",
                "job_title",
                "owner_id",
                "country",
                "city",
                "source",
                "created_at",
                "modified_at",
            ],
            born_at="created_at",
        )
    }}

select *
from final
