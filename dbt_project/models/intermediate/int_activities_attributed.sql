{{ config(materialized="view") }}

with

    versions as (select * from {{ ref("hist_activities") }}),

    regarding as (
        select
            *,
            {# Of a date that is exact to the month only its end is certain to be past. #}
            case
                when date_precision = 'month'
                then
                    cast(
                        {{
                            dbt.dateadd(
                                "month", 1, dbt.date_trunc("month", "occurred_at")
                            )
                        }} as timestamp
                    )
                else occurred_at
            end as past_at
        from versions
        where
            regarding_entity in ('lead', 'opportunity')
            and regarding_id is not null
            and occurred_at is not null
            and date_precision <> 'order'
            and coalesce(status, 'completed') <> 'cancelled'
            and not is_deleted
    ),

    final as (
        select
            version_id,
            regarding_entity,
            regarding_id as record_id,
            type,
            direction,
            cast(occurred_at as date) as occurred_on,
            greatest(past_at, known_at) as visible_at,
            known_to
        from regarding
    )

select *
from final
