with

    versions as (select * from {{ ref("hist_opportunities") }}),

    backfilled as (
        select
            source_system,
            opportunity_id,
            count(*) as versions,
            max(case when status in ('won', 'lost') then 1 else 0 end) as is_closed
        from versions
        where is_backfill
        group by source_system, opportunity_id
    ),

    -- Closing changes a record: where closed ones came with one version, the past is
    -- not told.
    told_of_the_past as (
        select source_system
        from backfilled
        where is_closed = 1
        group by source_system
        having avg(case when versions > 1 then 1.0 else 0.0 end) > 0.5
    ),

    marked as (
        select
            versions.*,
            case
                when version_number = 1
                then 1
                when
                    coalesce(stage, '') <> coalesce(
                        lag(stage) over (
                            partition by opportunity_id order by version_number
                        ),
                        ''
                    )
                then 1
                else 0
            end as is_entry
        from versions
    ),

    numbered as (
        select
            *,
            sum(is_entry) over (
                partition by opportunity_id order by version_number
            ) as stay
        from marked
    ),

    entries as (
        select
            numbered.opportunity_id,
            numbered.stay,
            case
                when numbered.version_number > 1
                then numbered.valid_from
                when numbered.is_backfill and told_of_the_past.source_system is not null
                then numbered.created_at
                when
                    not numbered.is_backfill
                    and numbered.known_at
                    <= {{ dbt.dateadd("day", 7, "numbered.created_at") }}
                then numbered.created_at
            end as entered_at
        from numbered
        left join
            told_of_the_past on numbered.source_system = told_of_the_past.source_system
        where numbered.is_entry = 1
    ),

    final as (
        select
            numbered.version_id,
            numbered.opportunity_id,
            numbered.version_number,
            cast(numbered.stay as bigint) as stay,
            numbered.stage,
            entries.entered_at
        from numbered
        inner join
            entries
            on numbered.opportunity_id = entries.opportunity_id
            and numbered.stay = entries.stay
        where numbered.stage is not null
    )

select *
from final
