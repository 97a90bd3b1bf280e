with

    rows_in_use as (
        select *
        from {{ source("raw", "files__contacts") }}
        where {{ is_in_use("files__contacts") }}
    ),

    final as (
        select
            contact_id,
            account_id,
            first_name,
            last_name,
            email,
            phone,
            job_title,
            owner_id,
            country,
            city,
            source,
            created_at,
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
