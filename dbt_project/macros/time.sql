{# The first instant after a day: what happened before it is known by the end of that day. Takes a date expression. #}
{% macro end_of(day) -%}
    cast({{ dbt.dateadd("day", 1, day) }} as timestamp)
{%- endmacro %}


{# The day that is built, as a date. #}
{% macro today() -%}
    cast('{{ env_var("SALES_INSIGHTS_AS_OF") if execute else "" }}' as date)
{%- endmacro %}


{# True for the version of a record that an observer had before the instant: known by then, and not yet replaced. #}
{% macro was_valid_before(version, instant) -%}
    {{ version }}.known_at < {{ instant }} and {{ version }}.known_to >= {{ instant }}
{%- endmacro %}


{# Later than any instant: the end of what has none. Unlike an empty value it compares, so that joins stay hash joins. #}
{% macro never() -%} cast('9999-12-31' as timestamp) {%- endmacro %}


{# The Monday of a day's week, as a date. #}
{% macro monday_of(day) -%}
    cast({{ dbt.date_trunc("week", day) }} as date)
{%- endmacro %}


{# 1 (Monday) to 7 (Sunday). #}
{% macro weekday_of(day) -%}
    {{ return(adapter.dispatch("weekday_of")(day)) }}
{%- endmacro %}

{% macro default__weekday_of(day) -%}
    cast(extract(isodow from {{ day }}) as bigint)
{%- endmacro %}

{% macro spark__weekday_of(day) -%}
    cast(weekday({{ day }}) + 1 as bigint)
{%- endmacro %}
