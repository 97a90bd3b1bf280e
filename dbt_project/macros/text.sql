{# First and last name with a space between them, or the one that is there. #}
{% macro full_name(first, last) -%}
    nullif(trim(coalesce({{ first }}, '') || ' ' || coalesce({{ last }}, '')), '')
{%- endmacro %}


{# The batch in a row's key <batch_id>:<row number>. #}
{% macro batch_of_row(row_id) -%} {{ dbt.split_part(row_id, "':'", 1) }} {%- endmacro %}


{# Texts as an SQL list: ('a', 'b'). #}
{% macro text_list(texts) -%}
    (
        {%- for text in texts -%}
            '{{ text | replace("'", "''") }}'{{ ", " if not loop.last }}
        {%- endfor -%}
    )
{%- endmacro %}


{# One of the organisation's own columns, as text; empty where the record lacks it. #}
{% macro custom_text(custom, column) -%}
    {{ return(adapter.dispatch("custom_text")(custom, column)) }}
{%- endmacro %}

{% macro default__custom_text(custom, column) -%}
    json_extract_string(
        {{ custom }},
        '/{{ column | replace("~", "~0") | replace("/", "~1") | replace("'", "''") }}'
    )
{%- endmacro %}

{% macro spark__custom_text(custom, column) -%}
    get_json_object(
        {{ custom }}, '$["{{ column | replace("'", "''") }}"]'
    )
{%- endmacro %}
