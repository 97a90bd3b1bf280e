{#
    A struct of values, each a pair of a name and an expression. Names that differ in case alone are one field, because
    fields are columns: it bears the first of them, and the first filled value. Without values it is an empty boolean: no
    engine has structs without fields.
#}
{% macro struct_of(values) -%}
    {%- set fields = {} -%}
    {%- for name, value in values -%}
        {%- do fields.setdefault(name | lower, [name]).append(value) -%}
    {%- endfor -%}
    {%- if fields -%}
        {{ return(adapter.dispatch("struct_of")(fields.values() | list)) }}
    {%- else -%} cast(null as boolean)
    {%- endif -%}
{%- endmacro %}

{% macro default__struct_of(fields) -%}
    {%- set values = [] -%}
    {%- for field in fields -%}
        {%- do values.append(
            quoted_name(field[0]) ~ " := coalesce(" ~ field[1:]
            | join(", ") ~ ")"
        ) -%}
    {%- endfor -%}
    struct_pack({{ values | join(", ") }})
{%- endmacro %}

{% macro spark__struct_of(fields) -%}
    {%- set values = [] -%}
    {%- for field in fields -%}
        {%- do values.append(
            "coalesce(" ~ field[1:]
            | join(", ") ~ ") as " ~ quoted_name(field[0])
        ) -%}
    {%- endfor -%}
    struct({{ values | join(", ") }})
{%- endmacro %}


{# The name of a column or a field, as an identifier of SQL. #}
{% macro quoted_name(name) -%}
    {{ return(adapter.dispatch("quoted_name")(name)) }}
{%- endmacro %}

{% macro default__quoted_name(name) -%}
    {{ return('"' ~ name | replace('"', '""') ~ '"') }}
{%- endmacro %}

{% macro spark__quoted_name(name) -%}
    {{ return("`" ~ name | replace("`", "``") ~ "`") }}
{%- endmacro %}
