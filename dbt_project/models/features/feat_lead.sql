with

    snapshots as (select * from {{ ref("int_lead_snapshots_listed") }}),

    versions as (
        select *, {{ mail_domain("email") }} as email_domain
        from {{ ref("hist_leads") }}
    ),

    accounts as (select * from {{ ref("hist_accounts") }}),

    peers as (select * from {{ ref("int_lead_peers_measured") }}),

    activities as (select * from {{ ref("int_lead_activities_counted") }}),

    notes as (select * from {{ ref("int_lead_notes_counted") }}),

    final as (
        select
            {{ meta_columns() }},
            versions.source,
            versions.industry,
            versions.country,
            versions.city,
            versions.job_title,
            versions.owner_id,
            versions.email_domain,
            {{ is_free_mail("versions.email_domain") }} as is_free_mail,
            versions.email is not null as has_email,
            versions.phone is not null as has_phone,
            versions.company_name is not null as has_company,
            versions.estimated_amount,
            {{ ratio("versions.estimated_amount", "owners.typical_amount") }}
            as amount_to_owner_typical,
            {{ ratio("versions.estimated_amount", "sources.typical_amount") }}
            as amount_to_source_typical,
            versions.employee_count,
            accounts.account_id is not null as has_account,
            accounts.industry as account_industry,
            accounts.country as account_country,
            accounts.employee_count as account_employee_count,
            accounts.annual_revenue as account_annual_revenue,
            owners.open_records as owner_open_leads,
            {{ calendar_features() }},
            {{ activity_features() }}
        from snapshots
        inner join versions on snapshots.version_id = versions.version_id
        left join
            accounts
            on versions.account_id = accounts.account_id
            and {{ was_known_at_snapshot("accounts") }}
        left join peers as owners on {{ is_peer("owners", "owner_id") }}
        left join peers as sources on {{ is_peer("sources", "source") }}
        left join
            activities
            on snapshots.record_id = activities.record_id
            and snapshots.as_of_date = activities.as_of_date
        left join
            notes
            on snapshots.record_id = notes.record_id
            and snapshots.as_of_date = notes.as_of_date
        order by snapshots.record_id, snapshots.as_of_date
    )

select *
from final
