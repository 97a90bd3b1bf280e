{# First and last name with a space between them, or the one that is there. #}
{% macro full_name(first, last) -%}
    nullif(trim(coalesce({{ first }}, '') || ' ' || coalesce({{ last }}, '')), '')
{%- endmacro %}


{# The batch in a row's key <batch_id>:<row number>. #}
{% macro batch_of_row(row_id) -%} {{ dbt.split_part(row_id, "':'", 1) }} {%- endmacro %}


{# Texts as an SQL list: ('a', 'b'). #}
{% macro text_list(texts) -%}
    {%- set quoted = [] -%}
    {%- for text in texts -%}
        {%- do quoted.append(dbt.string_literal(dbt.escape_single_quotes(text))) -%}
    {%- endfor -%}
    ({{ quoted | join(", ") }})
{%- endmacro %}


{# Whether a name looks like one: two letters or more, and besides only spaces, hyphens, apostrophes and points. #}
{% macro is_plausible_name(name) -%}
    {{ return(adapter.dispatch("is_plausible_name")(name)) }}
{%- endmacro %}

{% macro default__is_plausible_name(name) -%}
    regexp_full_match(
        trim({{ name }}), '[\p{L} .''’-]*\p{L}[\p{L} .''’-]*\p{L}[\p{L} .''’-]*'
    )
{%- endmacro %}

{% macro spark__is_plausible_name(name) -%}
    trim({{ name }}) rlike '^[\\p{L} .''’-]*\\p{L}[\\p{L} .''’-]*\\p{L}[\\p{L} .''’-]*$'
{%- endmacro %}
