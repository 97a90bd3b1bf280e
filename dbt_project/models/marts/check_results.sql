with

    results as (
        select *
        from {{ source("quality", "check_results") }}
        where as_of_date <= {{ today() }}
    ),

    final as (
        select
            as_of_date,
            layer,
            table_name,
            expectation,
            coalesce(column_name, '') as column_name,
            success,
            rows_checked,
            rows_failed,
            checked_at
        from results
        order by as_of_date, layer, table_name, expectation, column_name
    )

select *
from final
