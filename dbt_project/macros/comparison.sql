{#
    Named steps from `came_often_dated` (rows of records that came more than once, with valid_from) to `compared`, their
    versions: of rows that hold from the same instant the last one counts, and of those the ones whose content differs from
    the one before.

    record: the columns of the key, as a list in SQL. content: the columns to compare.
#}
{% macro comparison_steps(record, content) -%}
    lasting as (
        select *, {{ content_hash(content) }} as content_hash
        from
            (
                select
                    *,
                    lead(valid_from) over (
                        partition by {{ record }} order by valid_from, place
                    ) as replaced_at
                from came_often_dated
            ) as placed
        where replaced_at is null or replaced_at > valid_from
    ),

    changed as (
        select *
        from
            (
                select
                    *,
                    lag(content_hash) over (
                        partition by {{ record }} order by valid_from
                    ) as hash_before
                from lasting
            ) as compared
        where hash_before is null or hash_before <> content_hash
    ),

    compared as (
        select
            {{ content | join(", ") }},
            source_system,
            loaded_known_at is null as is_backfill,
            valid_from,
            lead(valid_from) over in_order as valid_to,
            coalesce(loaded_known_at, valid_from) as known_at,
            lead(coalesce(loaded_known_at, valid_from), 1, {{ never() }}) over in_order
            as known_to,
            row_number() over in_order as version_number,
            row_id
        from changed
        window in_order as (partition by {{ record }} order by valid_from)
    ),
{%- endmacro %}


{# A number that tells two contents apart. It is compared within one build and never stored. #}
{% macro content_hash(columns) -%}
    {{ return(adapter.dispatch("content_hash")(columns)) }}
{%- endmacro %}

{% macro default__content_hash(columns) -%}
    md5(
        concat_ws(
            '|',
            {% for column in columns %}
                coalesce(cast({{ column }} as varchar), '-'){{ ", " if not loop.last }}
            {% endfor %}
        )
    )
{%- endmacro %}

{% macro duckdb__content_hash(columns) -%}
    hash({{ columns | join(", ") }})
{%- endmacro %}


{# A record's key as one text. #}
{% macro key_text(key) -%}
    {%- for column in key %}
        cast({{ column }} as varchar){{ " || '|' || " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
