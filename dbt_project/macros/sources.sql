{#
    The rows of a staging entity from every source that has a staging model for it, and the source's name.

    `staged` is made by warehouse/dbt.py from the file names models/staging/<source>/stg_<source>__<entity>.sql. A second
    source is therefore one more folder of staging models and no edit anywhere; each of them is a real ref() in the graph.
    Staging models of one entity list the same columns in the same order: tests/dbt_project holds them to it.
#}
{% macro rows_of_all_sources(entity) -%}
    {%- for source in var("staged")[entity] %}
        select *, '{{ source }}' as source_system
        from {{ ref("stg_" ~ source ~ "__" ~ entity) }}
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
{%- endmacro %}


{#
    The batches that count: of one file's content the one loaded last, because later ones differ only by a mended mapping.
#}
{% macro batches_in_use() -%}
    select batch_id
    from
        (
            select
                batch_id,
                row_number() over (
                    partition by source, entity, file, content_hash
                    order by batch_number desc
                ) as place_from_last
            from {{ source("raw", "batches") }}
        ) as numbered
    where place_from_last = 1
{%- endmacro %}


{# True for a raw row whose batch counts and which no check has set aside. #}
{% macro is_in_use(table) -%}
    _batch_id in ({{ batches_in_use() }})
    and _row_id not in (
        select row_id
        from {{ source("quarantine", "rows") }}
        where table_name = 'raw.{{ table }}' and row_id is not null
    )
{%- endmacro %}
