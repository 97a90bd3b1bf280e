{# Double precision, by the engine's name for it. #}
{% macro type_double() -%}
    {{ return(adapter.dispatch("type_double")()) }}
{%- endmacro %}

{% macro default__type_double() -%} double precision {%- endmacro %}

{% macro duckdb__type_double() -%} double {%- endmacro %}

{% macro spark__type_double() -%} double {%- endmacro %}


{#
    An amount as an exact decimal. Sums of doubles depend on the order in which threads meet them; sums of decimals do not,
    so that the same input gives the same table to the last bit.
#}
{% macro exact(amount) -%} cast({{ amount }} as decimal(28, 6)) {%- endmacro %}


{# A double rounded to 6 decimals. #}
{% macro rounded(number) -%}
    cast(round({{ number }}, 6) as {{ type_double() }})
{%- endmacro %}
