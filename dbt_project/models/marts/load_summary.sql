with

    batches as (
        select *
        from {{ source("raw", "batches") }}
        where batch_id in ({{ batches_in_use() }}) and as_of_date <= {{ today() }}
    ),

    set_aside as (
        select
            {{ batch_of_row("row_id") }} as batch_id,
            count(distinct row_id) as row_count
        from {{ source("quarantine", "rows") }}
        where
            stage = 'check' and table_name like 'raw.%' and as_of_date <= {{ today() }}
        group by {{ batch_of_row("row_id") }}
    ),

    final as (
        select
            batches.batch_id,
            batches.source,
            batches.entity,
            batches.file,
            batches.rows_read,
            batches.rows_loaded,
            batches.rows_quarantined,
            coalesce(set_aside.row_count, 0) as rows_set_aside_by_checks,
            batches.is_backfill,
            batches.as_of_date,
            batches.loaded_at
        from batches
        left join set_aside on batches.batch_id = set_aside.batch_id
        order by batches.source, batches.entity, batches.file, batches.batch_number
    )

select *
from final
