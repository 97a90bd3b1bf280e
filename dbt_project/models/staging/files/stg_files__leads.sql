with

    rows_in_use as (
        select *
        from {{ source("raw", "files__leads") }}
        where {{ is_in_use("files__leads") }}
    ),

    final as (
        select
            lead_id,
            topic,
            first_name,
            last_name,
            email,
            phone,
            job_title,
            company_name,
            account_id,
            contact_id,
            owner_id,
            status,
            status_reason,
            source,
            industry,
            country,
            city,
            estimated_amount,
            employee_count,
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
