with

    superseded as (
        select batch_id
        from {{ source("raw", "batches") }}
        where batch_id not in ({{ batches_in_use() }})
    ),

    set_aside as (
        select *, coalesce(batch_id, {{ batch_of_row("row_id") }}) as its_batch_id
        from {{ source("quarantine", "rows") }}
        where as_of_date <= {{ today() }}
    ),

    distinct_reasons as (
        select
            row_id,
            stage,
            table_name,
            reason,
            coalesce(column_name, '') as column_name,
            max(source) as source,
            max(file) as file,
            max(row_number) as row_number,
            max(record_key) as record_key,
            max(content) as content,
            min(as_of_date) as as_of_date,
            min(quarantined_at) as quarantined_at
        from set_aside
        where
            its_batch_id is null
            or its_batch_id not in (select batch_id from superseded)
        group by row_id, stage, table_name, reason, coalesce(column_name, '')
    ),

    final as (
        select
            row_id,
            stage,
            table_name,
            column_name,
            reason,
            source,
            file,
            row_number,
            record_key,
            content,
            as_of_date,
            quarantined_at
        from distinct_reasons
        order by source, file, row_number, row_id, column_name, reason
    )

select *
from final
