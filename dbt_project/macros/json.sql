{# The text that a JSON object has under a name; empty where it has none. #}
{% macro json_text(object, name) -%}
    {{ return(adapter.dispatch("json_text")(object, name)) }}
{%- endmacro %}

{% macro default__json_text(object, name) -%}
    json_extract_string({{ object }}, {{ json_pointer(name) }})
{%- endmacro %}

{% macro spark__json_text(object, name) -%}
    {%- set path = "$['" ~ name ~ "']" -%}
    get_json_object(
        {{ object }}, {{ dbt.string_literal(dbt.escape_single_quotes(path)) }}
    )
{%- endmacro %}


{# What a JSON object has under these names, the object being read once; text_in() takes out the text of one of them. #}
{% macro json_texts(object, names) -%}
    {{ return(adapter.dispatch("json_texts")(object, names)) }}
{%- endmacro %}

{% macro default__json_texts(object, names) -%}
    json_extract_string(
        {{ object }},
        cast(
            [
                {%- for name in names -%}
                    {{ json_pointer(name) }} {{- ", " if not loop.last }}
                {%- endfor -%}
            ] as varchar[]
        )
    )
{%- endmacro %}

{% macro spark__json_texts(object, names) -%}
    from_json({{ object }}, 'map<string, string>')
{%- endmacro %}


{# One of these texts: that of the name at a place in the list of names, counted from 1. #}
{% macro text_in(texts, names, place) -%}
    {{ return(adapter.dispatch("text_in")(texts, names, place)) }}
{%- endmacro %}

{% macro default__text_in(texts, names, place) -%}
    {{ texts }} [{{ place }}]
{%- endmacro %}

{% macro spark__text_in(texts, names, place) -%}
    {{ texts }} [{{ dbt.string_literal(dbt.escape_single_quotes(names[place - 1])) }}]
{%- endmacro %}


{# One row per name in a JSON object. #}
{% macro json_names(object) -%}
    {{ return(adapter.dispatch("json_names")(object)) }}
{%- endmacro %}

{% macro default__json_names(object) -%} unnest(json_keys({{ object }})) {%- endmacro %}

{% macro spark__json_names(object) -%}
    explode(json_object_keys({{ object }}))
{%- endmacro %}


{# A name as a JSON pointer (RFC 6901), as a text of SQL. #}
{% macro json_pointer(name) -%}
    {%- set pointer = "/" ~ name | replace("~", "~0") | replace("/", "~1") -%}
    {{ dbt.string_literal(dbt.escape_single_quotes(pointer)) }}
{%- endmacro %}
