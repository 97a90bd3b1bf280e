with

    arrived as ({{ rows_of_all_sources("products") }}),

    {{
        version_steps(
            key=["product_id"],
            attributes=[
                "name",
                "family",
                "list_price",
                "modified_at",
            ],
        )
    }}

select *
from final
