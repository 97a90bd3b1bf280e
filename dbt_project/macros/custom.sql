{#
    The columns of the organisation's own of a record, and those of its contact and account with `contact.` or `account.`
    before their names. The tables are called versions, contacts and accounts.
#}
{% macro custom_of_all() -%}
    case
        when
            coalesce(contacts.custom, '{}') = '{}'
            and coalesce(accounts.custom, '{}') = '{}'
        then versions.custom
        else
            {{
                merged_json(
                    [
                        "versions.custom",
                        renamed_json("contacts.custom", "contact."),
                        renamed_json("accounts.custom", "account."),
                    ]
                )
            }}
    end
{%- endmacro %}


{# One of the organisation's own columns, as text; empty where the record lacks it. #}
{% macro custom_text(custom, column) -%}
    {{ return(adapter.dispatch("custom_text")(custom, column)) }}
{%- endmacro %}

{% macro default__custom_text(custom, column) -%}
    {%- set pointer = "/" ~ column | replace("~", "~0") | replace("/", "~1") -%}
    json_extract_string(
        {{ custom }}, {{ dbt.string_literal(dbt.escape_single_quotes(pointer)) }}
    )
{%- endmacro %}

{% macro spark__custom_text(custom, column) -%}
    {%- set path = "$['" ~ column ~ "']" -%}
    get_json_object(
        {{ custom }}, {{ dbt.string_literal(dbt.escape_single_quotes(path)) }}
    )
{%- endmacro %}


{# JSON objects of texts as one; empty texts and empty objects add nothing. #}
{% macro merged_json(objects) -%}
    {{ return(adapter.dispatch("merged_json")(objects)) }}
{%- endmacro %}

{% macro default__merged_json(objects) -%}
    json_merge_patch(
        {% for each in objects -%}
            coalesce({{ each }}, '{}') {{- ", " if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{% macro spark__merged_json(objects) -%}
    to_json(
        map_concat(
            {% for each in objects -%}
                from_json(coalesce({{ each }}, '{}'), 'map<string, string>')
                {{- ", " if not loop.last }}
            {%- endfor %}
        )
    )
{%- endmacro %}


{# A JSON object of texts with a text before each of its keys. #}
{% macro renamed_json(object, before) -%}
    {{ return(adapter.dispatch("renamed_json")(object, before)) }}
{%- endmacro %}

{% macro default__renamed_json(object, before) -%}
    cast(
        to_json(
            map_from_entries(
                list_transform(
                    map_entries(
                        json_transform({{ object }}, '"MAP(VARCHAR, VARCHAR)"')
                    ),
                    lambda each: {'key':'{{ before }}' || each.key, 'value':each.value}
                )
            )
        ) as varchar
    )
{%- endmacro %}

{% macro spark__renamed_json(object, before) -%}
    to_json(
        transform_keys(
            from_json({{ object }}, 'map<string, string>'),
            (name, value) -> concat('{{ before }}', name)
        )
    )
{%- endmacro %}
