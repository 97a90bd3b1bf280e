with

    acts as (
        select *
        from {{ source("scores", "overrides") }}
        where as_of_date <= {{ today() }}
    ),

    predictions as (select * from {{ source("scores", "predictions") }}),

    grades as (select * from {{ ref("score_grades") }}),

    numbered as (
        select
            *,
            row_number() over (
                partition by score_name, record_id
                order by as_of_date desc, act_number desc
            ) as place_from_last
        from acts
    ),

    in_force as (
        select *
        from numbered
        where
            place_from_last = 1
            and act = 'set'
            and (until_date is null or until_date >= {{ today() }})
    ),

    final as (
        select
            in_force.score_name,
            in_force.record_id,
            in_force.score as override_score,
            coalesce(in_force.grade, grades.grade) as override_grade,
            in_force.who as override_by,
            in_force.made_at as override_at,
            in_force.why as override_why,
            in_force.as_of_date as override_from,
            in_force.until_date as override_until
        from in_force
        left join
            (
                select predictions.record_id, grades.*
                from predictions
                inner join
                    grades
                    on predictions.model_name = grades.model_name
                    and predictions.as_of_date = grades.as_of_date
            ) as grades
            on in_force.score_name = grades.score_name
            and in_force.record_id = grades.record_id
            and in_force.score between grades.minimum and grades.maximum
        order by in_force.score_name, in_force.record_id
    )

select *
from final
