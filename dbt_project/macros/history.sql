{#
    Named steps from `arrived` (the rows of one entity from all sources) to `final` (one row per version of a record).

    A row of the first back-fill (loaded_known_at empty) is known since its own event: a record's first row since the
    record was born, a later one since it was modified. Any other row is known since the end of the day it was loaded on,
    and valid since it was modified where that lies after the row before it became known.

    Most records have come once: that row is their only version. The others are compared: of rows that hold from the same
    instant the last one counts, and a row with the same content as the version before it is no new version.

    key: the columns that identify a record. attributes: the other columns that make up its content.
    born_at: the expression for when a record came to be; left out, it has always been there.
#}
{% macro version_steps(key, attributes, born_at="cast(null as timestamp)") -%}
    {%- set record = key | join(", ") -%}
    {%- set content = key + attributes + ["custom", "date_precision", "is_deleted"] -%}
    {%- set always = "cast('1970-01-01' as timestamp)" -%}
    {%- set arrival = "order by loaded_known_at nulls first, modified_at nulls first, file_name, row_number, row_id" -%}
    came_again as (
        select {{ record }}
        from arrived
        where {{ key | join(" is not null and ") }} is not null
        group by {{ record }}
        having count(*) > 1
    ),

    came_once as (
        select *, 1 as place, {{ always }} as before_at
        from arrived
        where ({{ record }}) not in (select {{ record }} from came_again)
    ),

    came_often as (
        select
            *,
            row_number() over (partition by {{ record }} {{ arrival }}) as place,
            coalesce(
                lag(
                    coalesce(loaded_known_at, greatest(modified_at, {{ born_at }}))
                ) over (partition by {{ record }} {{ arrival }}),
                {{ always }}
            ) as before_at
        from arrived
        where ({{ record }}) in (select {{ record }} from came_again)
    ),

    {% for rows in ["came_once", "came_often"] %}
        {{ rows }}_dated as (
            select
                *,
                coalesce(
                    case
                        when modified_at > before_at and modified_at < loaded_known_at
                        then modified_at
                    end,
                    loaded_known_at,
                    case
                        when place = 1
                        then {{ born_at }}
                        else greatest(modified_at, {{ born_at }})
                    end,
                    {{ always }}
                ) as valid_from
            from {{ rows }}
        ),
    {% endfor %}

    {{ comparison_steps(record, content) }}

    versions as (
        select
            {{ content | join(", ") }},
            source_system,
            loaded_known_at is null as is_backfill,
            valid_from,
            cast(null as timestamp) as valid_to,
            coalesce(loaded_known_at, valid_from) as known_at,
            {{ never() }} as known_to,
            1 as version_number,
            row_id
        from came_once_dated

        union all

        select *
        from compared
    ),

    final as (
        select
            {{ key_text(key) }} || '@' || cast(valid_from as varchar) as version_id,
            versions.*
        from versions
    )
{%- endmacro %}
