{#
    Named steps from `records` (one row per record known on the day, with record_id, created_at, is_dated, outcome and
    closed_at) to `snapshots` (one row per record and day on which it is looked at).

    A dated record is looked at at each age of `ages_days`, if it was still open at the end of that day; every open record
    is looked at on the day that is built. For a model without a horizon what counts is the final outcome: every dated
    record is looked at on the day it was created, whether or not it was still open at its end, and a record without dates
    on the day that is built.

    models: horizon_days of each, empty for none. ages_days: the ages for models with a horizon.
#}
{% macro snapshot_steps(models, ages_days) -%}
    {%- set horizons = models | map(attribute="horizon_days") | list -%}
    {%- set has_final = none in horizons -%}
    {%- set has_horizon = horizons | reject("none") | list | length > 0 -%}
    {%- set ages = ([0] if has_final else []) + (ages_days if has_horizon else []) -%}
    ages as (
        {% for age in ages | unique -%}
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
            and (
                records.closed_at is null
                or records.closed_at >= {{ end_of("aged.as_of_date") }}
                {{ "or aged.as_of_date = cast(records.created_at as date)" if has_final }}
            )

        union

        select record_id, {{ today() }} as as_of_date
        from records
        where outcome = 'open' {{ "or not is_dated" if has_final }}
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
