{#
    Named steps from `predictions` to `judged`: the first score of each record, version and month whose horizon has passed
    by the day that is built, with whether the wanted outcome came in it. What was deleted since is left out.
#}
{% macro realised_steps() -%}
    firsts as (
        select
            *,
            cast({{ dbt.date_trunc("month", "as_of_date") }} as date) as month,
            row_number() over (
                partition by
                    score_name,
                    record_id,
                    model_id,
                    {{ dbt.date_trunc("month", "as_of_date") }}
                order by as_of_date
            ) as place
        from predictions
    ),

    matured as (
        select *
        from firsts
        where
            place = 1
            and {{ dbt.dateadd("day", "horizon_days", "as_of_date") }} <= {{ today() }}
    ),

    outcomes as (
        {% for score, known in [
            ("lead", "int_leads_known"),
            ("opportunity", "int_opportunities_known"),
        ] -%}
            select
                '{{ score }}' as score_name,
                own.record_id,
                judged.model_name,
                coalesce(judged.outcome, own.outcome) as outcome,
                case
                    when judged.model_name is null
                    then own.closed_at
                    else judged.closed_at
                end as closed_at
            from {{ ref(known) }} as own
            left join
                {{ ref("int_" ~ score ~ "_outcomes_judged") }} as judged
                on own.record_id = judged.record_id
                {{ "union all" if not loop.last }}
        {% endfor %}
    ),

    judged as (
        select
            matured.*,
            outcomes.outcome = 'positive'
            and cast(outcomes.closed_at as date) > matured.as_of_date
            and cast(outcomes.closed_at as date)
            <= {{ dbt.dateadd("day", "matured.horizon_days", "matured.as_of_date") }}
            as is_positive
        from matured
        inner join
            outcomes
            on matured.score_name = outcomes.score_name
            and matured.record_id = outcomes.record_id
            and coalesce(outcomes.model_name, matured.model_name) = matured.model_name
        where outcomes.outcome <> 'undecided'
    ),
{%- endmacro %}
