with

    rows_in_use as (
        select *
        from {{ source("raw", "files__products") }}
        where {{ is_in_use("files__products") }}
    ),

    final as (
        select
            product_id,
            name,
            family,
            list_price,
            modified_at,
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
