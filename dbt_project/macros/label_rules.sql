{# Without a horizon each record counts once: on the day it was created, or on the one that is built if it has no date. #}
{% macro _final_outcome(outcomes) -%}
    select
        *,
        cast(closed_at as date) as label_known_on,
        case
            when outcome = 'open'
            then 'not decided yet'
            when outcome = 'undecided'
            then 'closed without a value of the target'
            when as_of_date > cast(created_at as date)
            then 'looked at before'
        end as censored_because,
        outcome = 'positive' as is_positive
    from {{ outcomes }}
{%- endmacro %}


{% macro _within_horizon(outcomes, horizon_days) -%}
    select
        *,
        case
            when label_known_on > {{ today() }}
            then 'younger than the horizon'
            when outcome = 'undecided'
            then 'closed without a value of the target'
            when outcome <> 'open' and closed_at is null
            then 'closed without a date'
            when closed_at < {{ end_of("as_of_date") }}
            then 'decided by the end of that day'
        end as censored_because,
        outcome = 'positive'
        and cast(closed_at as date) > as_of_date
        and cast(closed_at as date) <= label_known_on as is_positive
    from
        (
            select
                *,
                cast(
                    {{ dbt.dateadd("day", horizon_days, "as_of_date") }} as date
                ) as label_known_on
            from {{ outcomes }}
        ) as dated
{%- endmacro %}
