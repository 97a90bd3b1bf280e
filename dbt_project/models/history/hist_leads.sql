with

    arrived as ({{ rows_of_all_sources("leads") }}),

    {{
        version_steps(
            key=["lead_id"],
            attributes=[
                "topic",
                "first_name",
                "last_name",
                "email",
                "phone",
                "job_title",
                "company_name",
                "account_id",
                "contact_id",
                "owner_id",
                "status",
                "status_reason",
                "source",
                "industry",
                "country",
                "city",
                "estimated_amount",
                "employee_count",
                "created_at",
                "modified_at",
                "closed_at",
                "record_order",
            ],
            born_at="created_at",
        )
    }}

select *
from final
