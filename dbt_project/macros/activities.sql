{#
    Named steps from `snapshots` and `activities` (both of one entity) to `final`: what had been said and done about each
    record by the end of each day it is looked at. Days back are counted in whole days, today being 0. The join is by the
    record's key, so that its cost grows with the activities and not with the days.
#}
{% macro activity_steps() -%}
    seen as (
        select
            snapshots.record_id,
            snapshots.as_of_date,
            activities.direction,
            activities.type,
            {{ dbt.datediff("activities.occurred_on", "snapshots.as_of_date", "day") }}
            as days_ago
        from snapshots
        inner join
            activities
            on snapshots.record_id = activities.record_id
            and activities.visible_at < snapshots.ends_at
            and activities.known_to >= snapshots.ends_at
    ),

    final as (
        select
            record_id,
            as_of_date,
            count(*) as activities,
            count(*) filter (where days_ago < 30) as activities_30_days,
            count(*) filter (where days_ago < 7) as activities_7_days,
            count(*) filter (where direction = 'incoming') as incoming,
            count(*) filter (
                where direction = 'incoming' and days_ago < 30
            ) as incoming_30_days,
            count(*) filter (
                where direction = 'incoming' and days_ago < 7
            ) as incoming_7_days,
            count(*) filter (where direction = 'outgoing') as outgoing,
            count(*) filter (
                where direction = 'outgoing' and days_ago < 30
            ) as outgoing_30_days,
            count(*) filter (
                where direction = 'outgoing' and days_ago < 7
            ) as outgoing_7_days,
            count(*) filter (
                where type in ('appointment', 'phonecall')
            ) as conversations,
            cast(min(days_ago) as bigint) as days_since_last_activity,
            cast(
                min(case when direction = 'incoming' then days_ago end) as bigint
            ) as days_since_last_incoming
        from seen
        group by record_id, as_of_date
    )
{%- endmacro %}
