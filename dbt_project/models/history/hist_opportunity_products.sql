with

    arrived as ({{ rows_of_all_sources("opportunity_products") }}),

    {{
        version_steps(
            key=["line_id"],
            attributes=[
                "opportunity_id",
                "product_id",
                "quantity",
                "unit_price",
                "discount_amount",
                "amount",
                "created_at",
                "modified_at",
            ],
            born_at="created_at",
        )
    }}

select *
from final
