with

    arrived as ({{ rows_of_all_sources("accounts") }}),

    {{
        version_steps(
            key=["account_id"],
            attributes=[
                "name",
                "industry",
                "country",
                "city",
                "parent_account_id",
                "owner_id",
                "annual_revenue",
                "employee_count",
                "created_at",
                "modified_at",
            ],
            born_at="created_at",
        )
    }}

select *
from final
