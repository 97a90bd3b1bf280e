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
