{#
    The columns that every feature model begins with, in the order that models_ml reads them. `own` is of own_columns().
#}
{% macro meta_columns(own) -%}
    snapshots.record_id,
    snapshots.as_of_date,
    snapshots.created_at,
    snapshots.record_order,
    snapshots.date_precision,
    snapshots.is_open,
    snapshots.is_current,
    snapshots.is_hindsight,
    {{ own_of_all(own) }} as custom
{%- endmacro %}


{# Features of when a record was created; empty where its dates are not known or not exact enough. #}
{% macro calendar_features() -%}
    case
        when snapshots.is_dated
        then
            cast(
                {{
                    dbt.datediff(
                        "cast(snapshots.created_at as date)",
                        "snapshots.as_of_date",
                        "day",
                    )
                }} as bigint
            )
    end as age_days,
    case
        when snapshots.is_dated
        then cast(extract(month from snapshots.created_at) as bigint)
    end as created_month,
    case
        when snapshots.is_dated and snapshots.date_precision in ('second', 'day')
        then {{ weekday_of("snapshots.created_at") }}
    end as created_weekday
{%- endmacro %}


{# Features of what was said and done: zero where nothing was, empty where dates are not known. #}
{% macro activity_features() -%}
    {%- for column in [
        "activities",
        "activities_30_days",
        "activities_7_days",
        "incoming",
        "incoming_30_days",
        "incoming_7_days",
        "outgoing",
        "outgoing_30_days",
        "outgoing_7_days",
        "conversations",
    ] %}
        case
            when snapshots.is_dated then coalesce(activities.{{ column }}, 0)
        end as {{ column }},
    {%- endfor %}
    activities.days_since_last_activity,
    activities.days_since_last_incoming,
    case when snapshots.is_dated then coalesce(notes.notes, 0) end as notes
{%- endmacro %}


{# An amount against another one; empty where either is not known or not above zero. #}
{% macro ratio(amount, to) -%}
    case
        when {{ amount }} > 0 and {{ to }} > 0 then {{ rounded(amount ~ " / " ~ to) }}
    end
{%- endmacro %}


{# Joins the measures of the group of a kind (owner_id, source, ...) that the record belonged to, under a name. #}
{% macro join_peers(name, kind) -%}
    left join
        (select * from peers where kind = '{{ kind }}') as {{ name }}
        on versions.{{ kind }} = {{ name }}.peers
        and snapshots.dated_on = {{ name }}.as_of_date
{%- endmacro %}


{# Joins counts made per record and day. #}
{% macro join_counts(names) -%}
    {%- for name in names %}
        left join
            {{ name }}
            on snapshots.record_id = {{ name }}.record_id
            and snapshots.dated_on = {{ name }}.as_of_date
    {%- endfor %}
{%- endmacro %}
