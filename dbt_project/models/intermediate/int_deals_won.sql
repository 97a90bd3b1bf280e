with

    versions as (select * from {{ ref("hist_opportunities") }}),

    known as (
        select *
        from {{ ref("int_opportunities_known") }}
        where outcome = 'positive' and closed_at is not null
    ),

    final as (
        select
            versions.opportunity_id,
            versions.owner_id,
            cast(known.closed_at as date) as won_on,
            {{ monday_of("known.closed_at") }} as week_start,
            coalesce(
                {{ exact("versions.actual_amount") }},
                {{ exact("versions.estimated_amount") }},
                0
            ) as won_amount,
            versions.actual_amount is null as is_estimate
        from known
        inner join versions on known.version_id = versions.version_id
        where known.date_precision <> 'order'
    )

select *
from final
