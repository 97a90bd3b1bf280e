with

    rows_in_use as (
        select *
        from {{ source("raw", "files__activity_parties") }}
        where {{ is_in_use("files__activity_parties") }}
    ),

    final as (
        select
            activity_id,
            party_id,
            party_entity,
            role,
            email,
            cast(null as timestamp) as modified_at,
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
