with

    runs as (select * from {{ ref("score_runs") }}),

    ranges as (select * from {{ source("scores", "grade_ranges") }}),

    open_records as (
        select score_name, model_name, as_of_date, grade, count(*) as records
        from {{ source("scores", "predictions") }}
        group by score_name, model_name, as_of_date, grade
    ),

    final as (
        select
            ranges.score_name,
            ranges.model_name,
            ranges.model_id,
            ranges.as_of_date,
            ranges.grade,
            case
                ranges.grade
                when 'A'
                then 'green'
                when 'B'
                then 'purple'
                when 'C'
                then 'yellow'
                else 'red'
            end as colour,
            ranges.minimum,
            ranges.maximum,
            ranges.conversion,
            ranges.overall_conversion,
            ranges.lift,
            ranges.share,
            ranges.held_out_records,
            cast(coalesce(open_records.records, 0) as bigint) as open_records,
            ranges.source,
            ranges.because
        from ranges
        inner join
            runs
            on ranges.model_name = runs.model_name
            and ranges.as_of_date = runs.as_of_date
        left join
            open_records
            on ranges.score_name = open_records.score_name
            and ranges.model_name = open_records.model_name
            and ranges.as_of_date = open_records.as_of_date
            and ranges.grade = open_records.grade
        order by ranges.score_name, ranges.model_name, ranges.grade
    )

select *
from final
