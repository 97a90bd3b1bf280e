{# First and last name with a space between them, or the one that is there. #}
{% macro full_name(first, last) -%}
    nullif(trim(coalesce({{ first }}, '') || ' ' || coalesce({{ last }}, '')), '')
{%- endmacro %}


{# The batch in a row's key <batch_id>:<row number>. #}
{% macro batch_of_row(row_id) -%} {{ dbt.split_part(row_id, "':'", 1) }} {%- endmacro %}
