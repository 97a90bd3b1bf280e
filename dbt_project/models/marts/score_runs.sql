with

    runs as (
        select * from {{ source("scores", "runs") }} where as_of_date <= {{ today() }}
    ),

    grades as (
        select
            score_name,
            model_name,
            as_of_date,
            count(*) filter (where grade = 'A') as grade_a_records,
            count(*) filter (where grade = 'B') as grade_b_records,
            count(*) filter (where grade = 'C') as grade_c_records,
            count(*) filter (where grade = 'D') as grade_d_records
        from {{ source("scores", "predictions") }}
        group by score_name, model_name, as_of_date
    ),

    numbered as (
        select *, max(as_of_date) over (partition by score_name) as newest_as_of_date
        from runs
    ),

    final as (
        select
            numbered.score_name,
            coalesce(numbered.model_name, 'none') as model_name,
            numbered.as_of_date,
            numbered.model_id,
            numbered.method,
            numbered.open_records,
            numbered.records_scored,
            coalesce(grades.grade_a_records, 0) as grade_a_records,
            coalesce(grades.grade_b_records, 0) as grade_b_records,
            coalesce(grades.grade_c_records, 0) as grade_c_records,
            coalesce(grades.grade_d_records, 0) as grade_d_records,
            numbered.because,
            numbered.scored_at
        from numbered
        left join
            grades
            on numbered.score_name = grades.score_name
            and numbered.model_name = grades.model_name
            and numbered.as_of_date = grades.as_of_date
        where numbered.as_of_date = numbered.newest_as_of_date
        order by numbered.score_name, model_name
    )

select *
from final
