{#
    Named steps from `records` (one row per record known on the day, with record_id, created_at, is_dated, outcome and
    closed_at) to `snapshots` (one row per record and day on which it is looked at).

    A dated record is looked at at each age of `ages_days`, if it was still open at the end of that day; every open record
    is looked at on the day that is built. Without a horizon what counts is the final outcome: every dated record is looked
    at once, on the day it was created. A record without dates is looked at on the day that is built.
#}
{% macro snapshot_steps(horizon_days, ages_days) -%}
    {%- set ages = [0] if horizon_days is none else ages_days -%}
    ages as (
        {% for age in ages -%}
            select {{ age }} as age_days {{ "union all " if not loop.last }}
        {%- endfor %}
    ),

    aged as (
        select
            records.record_id,
            cast(
                {{
                    dbt.dateadd(
                        "day", "ages.age_days", "cast(records.created_at as date)"
                    )
                }} as date
            ) as as_of_date
        from records
        cross join ages
        where records.is_dated
    ),

    looked_at as (
        select aged.record_id, aged.as_of_date
        from aged
        inner join records on aged.record_id = records.record_id
        where
            aged.as_of_date <= {{ today() }}
            {% if horizon_days is not none -%}
                and (
                    records.closed_at is null
                    or records.closed_at >= {{ end_of("aged.as_of_date") }}
                )
            {%- endif %}

        union

        select record_id, {{ today() }} as as_of_date
        from records
        where outcome = 'open' {{ "or not is_dated" if horizon_days is none }}
    ),

    snapshots as (
        select
            records.*,
            looked_at.as_of_date,
            {{ end_of("looked_at.as_of_date") }} as ends_at,
            records.outcome = 'open'
            or coalesce(
                records.closed_at >= {{ end_of("looked_at.as_of_date") }}, false
            ) as is_open,
            records.outcome = 'open'
            and looked_at.as_of_date = {{ today() }} as is_current
        from looked_at
        inner join records on looked_at.record_id = records.record_id
    ),
{%- endmacro %}


{#
    Joins a snapshot with the version of its record that an observer had at the end of that day; where the record only
    became known later, with its first version, which is then hindsight.
#}
{% macro version_at_snapshot() -%}
    (versions.known_at < snapshots.ends_at or versions.version_number = 1)
    and versions.known_to >= snapshots.ends_at
{%- endmacro %}


{# True where the attributes of a snapshot may be later than its day. #}
{% macro is_hindsight() -%}
    versions.known_at >= snapshots.ends_at
    or (not snapshots.is_current and (versions.is_backfill or not snapshots.is_dated))
{%- endmacro %}


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
