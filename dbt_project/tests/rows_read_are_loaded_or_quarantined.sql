-- No row is lost between a file and the warehouse.
select *
from {{ ref("load_summary") }}
where rows_read <> rows_loaded + rows_quarantined
