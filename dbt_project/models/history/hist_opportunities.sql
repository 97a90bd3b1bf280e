with

    arrived as ({{ rows_of_all_sources("opportunities") }}),

    {{
        version_steps(
            key=["opportunity_id"],
            attributes=[
                "name",
                "lead_id",
                "account_id",
                "contact_id",
                "product_id",
                "owner_id",
                "status",
                "status_reason",
                "stage",
                "source",
                "estimated_amount",
                "actual_amount",
                "estimated_close_on",
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
