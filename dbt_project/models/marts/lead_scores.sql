with

    newest as (
        select max(as_of_date) as as_of_date
        from {{ ref("score_runs") }}
        where score_name = 'lead'
    ),

    overrides as (select * from {{ ref("score_overrides") }} where score_name = 'lead'),

    explained as (
        select * from {{ source("scores", "explained") }} where score_name = 'lead'
    ),

    predictions as (
        select * from {{ source("scores", "predictions") }} where score_name = 'lead'
    ),

    leads as (
        select versions.*
        from {{ ref("hist_leads") }} as versions
        where {{ was_valid_before("versions", end_of(today())) }}
    ),

    owners as (select * from {{ ref("int_users_known") }}),

    final as (
        select
            predictions.record_id as lead_id,
            leads.topic,
            {{ full_name("leads.first_name", "leads.last_name") }} as full_name,
            leads.company_name,
            leads.owner_id,
            coalesce(owners.name, leads.owner_id) as owner_name,
            coalesce(managers.name, owners.manager_id) as manager_name,
            leads.source,
            leads.status_reason,
            leads.created_at,
            leads.estimated_amount,
            cast('{{ var("currency") }}' as varchar) as currency,
            {{ score_columns() }}
        from predictions
        inner join newest on predictions.as_of_date = newest.as_of_date
        left join overrides on predictions.record_id = overrides.record_id
        left join
            explained
            on predictions.record_id = explained.record_id
            and predictions.as_of_date = explained.as_of_date
        left join leads on predictions.record_id = leads.lead_id
        left join owners on leads.owner_id = owners.user_id
        left join owners as managers on owners.manager_id = managers.user_id
        order by predictions.score desc, predictions.record_id
    )

select *
from final
