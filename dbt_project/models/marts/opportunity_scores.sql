with

    newest as (
        select max(as_of_date) as as_of_date
        from {{ ref("score_runs") }}
        where score_name = 'opportunity'
    ),

    overrides as (
        select * from {{ ref("score_overrides") }} where score_name = 'opportunity'
    ),

    explained as (
        select *
        from {{ source("scores", "explained") }}
        where score_name = 'opportunity'
    ),

    predictions as (
        select *
        from {{ source("scores", "predictions") }}
        where score_name = 'opportunity'
    ),

    opportunities as (
        select versions.*
        from {{ ref("hist_opportunities") }} as versions
        where {{ was_valid_before("versions", end_of(today())) }}
    ),

    accounts as (
        select versions.*
        from {{ ref("hist_accounts") }} as versions
        where {{ was_valid_before("versions", end_of(today())) }}
    ),

    owners as (select * from {{ ref("int_users_known") }}),

    final as (
        select
            predictions.record_id as opportunity_id,
            opportunities.name,
            accounts.name as account_name,
            opportunities.owner_id,
            coalesce(owners.name, opportunities.owner_id) as owner_name,
            coalesce(managers.name, owners.manager_id) as manager_name,
            opportunities.source,
            opportunities.stage,
            opportunities.status_reason,
            opportunities.created_at,
            opportunities.estimated_close_on,
            opportunities.estimated_amount,
            cast('{{ var("currency") }}' as varchar) as currency,
            {{ score_columns() }}
        from predictions
        inner join newest on predictions.as_of_date = newest.as_of_date
        left join overrides on predictions.record_id = overrides.record_id
        left join
            explained
            on predictions.record_id = explained.record_id
            and predictions.as_of_date = explained.as_of_date
        left join opportunities on predictions.record_id = opportunities.opportunity_id
        left join accounts on opportunities.account_id = accounts.account_id
        left join owners on opportunities.owner_id = owners.user_id
        left join owners as managers on owners.manager_id = managers.user_id
        order by predictions.score desc, predictions.record_id
    )

select *
from final
