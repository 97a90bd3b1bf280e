with

    versions as (select * from {{ ref("hist_leads") }}),

    known as (
        select
            *,
            created_at is not null
            and coalesce(date_precision, 'second') <> 'order' as is_dated,
            case
                when closed_at >= {{ end_of(today()) }}
                then 'open'
                when status = 'qualified'
                then 'positive'
                when status = 'disqualified'
                then 'negative'
                else 'open'
            end as outcome
        from versions
        where
            {{ was_valid_before("versions", end_of(today())) }}
            and not is_deleted
            and (created_at is null or created_at < {{ end_of(today()) }})
    ),

    final as (
        select
            lead_id as record_id,
            created_at,
            record_order,
            date_precision,
            is_dated,
            outcome,
            case when outcome <> 'open' then closed_at end as closed_at,
            version_id
        from known
    )

select *
from final
