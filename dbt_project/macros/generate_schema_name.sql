{#
    A layer's schema is named after the layer alone, without the target's name before it. What is made for the arrivals of
    the day alone has a schema of its own, and ref() leads there.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if is_for_arrivals() and "arrivals" in node.tags -%} arrivals
    {%- else -%}
        {{ custom_schema_name | trim if custom_schema_name else target.schema }}
    {%- endif -%}
{%- endmacro %}
