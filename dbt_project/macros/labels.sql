{#
    The label of a snapshot: whether the wanted outcome came within the horizon, or at all where there is none.
    Columns: record_id, as_of_date, label, outcome, closed_at, label_known_on, censored_because.
#}
{% macro label_steps(horizon_days) -%}
    {%- if horizon_days is none -%}
        judged as (
            select
                *,
                cast(closed_at as date) as label_known_on,
                case
                    when outcome = 'open' then 'not decided yet'
                end as censored_because,
                outcome = 'positive' as is_positive
            from snapshots
        ),
    {%- else -%}
        dated as (
            select
                *,
                cast(
                    {{ dbt.dateadd("day", horizon_days, "as_of_date") }} as date
                ) as label_known_on
            from snapshots
        ),

        judged as (
            select
                *,
                case
                    when label_known_on > {{ today() }}
                    then 'younger than the horizon'
                    when outcome <> 'open' and closed_at is null
                    then 'closed without a date'
                end as censored_because,
                outcome = 'positive'
                and cast(closed_at as date) > as_of_date
                and cast(closed_at as date) <= label_known_on as is_positive
            from dated
        ),
    {%- endif %}

    final as (
        select
            record_id,
            as_of_date,
            case when censored_because is null then is_positive end as label,
            outcome,
            closed_at,
            label_known_on,
            censored_because
        from judged
        order by record_id, as_of_date
    )
{%- endmacro %}
