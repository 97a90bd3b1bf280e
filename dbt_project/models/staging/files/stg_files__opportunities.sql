with

    rows_in_use as (
        select *
        from {{ source("raw", "files__opportunities") }}
        where {{ is_in_use("files__opportunities") }}
    ),

    final as (
        select
            opportunity_id,
            name,
            lead_id,
            account_id,
            contact_id,
            product_id,
            owner_id,
            status,
            status_reason,
            stage,
            source,
            estimated_amount,
            actual_amount,
            estimated_close_on,
            created_at,
            modified_at,
            closed_at,
            record_order,
            custom,
            date_precision,
            _row_id as row_id,
            _batch_id as batch_id,
            _file as file_name,
            _row_number as row_number,
            _loaded_at as loaded_at,
            _known_at as loaded_known_at,
            _deleted as is_deleted
        from rows_in_use
    )

select *
from final
