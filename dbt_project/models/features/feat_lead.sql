{{ config(tags=["arrivals"]) }}
{%- set own = own_columns("hist_leads", "lead") %}

with

    snapshots as (select * from {{ ref("int_lead_snapshots_listed") }}),

    versions as (
        select *, {{ mail_domain("email") }} as email_domain
        from ({{ with_own(ref("hist_leads"), own.versions) }}) as with_own
    ),

    accounts as ({{ with_own(ref("hist_accounts"), own.accounts, "not is_deleted") }}),

    contacts as ({{ with_own(ref("hist_contacts"), own.contacts, "not is_deleted") }}),

    peers as (select * from {{ ref("int_lead_peers_measured") }}),

    activities as (select * from {{ ref("int_lead_activities_counted") }}),

    notes as (select * from {{ ref("int_lead_notes_counted") }}),

    final as (
        select
            {{ meta_columns(own) }},
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
            {{ is_plausible_name("versions.first_name") }} as is_first_name_plausible,
            {{ is_plausible_name("versions.last_name") }} as is_last_name_plausible,
            versions.estimated_amount,
            {{ ratio("versions.estimated_amount", "owners.typical_amount") }}
            as amount_to_owner_typical,
            {{ ratio("versions.estimated_amount", "sources.typical_amount") }}
            as amount_to_source_typical,
            versions.employee_count,
            versions.contact_id is not null as has_contact,
            contacts.job_title as contact_job_title,
            contacts.country as contact_country,
            contacts.city as contact_city,
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
            and {{ was_valid_before("accounts", "snapshots.ends_at") }}
        left join
            contacts
            on versions.contact_id = contacts.contact_id
            and {{ was_valid_before("contacts", "snapshots.ends_at") }}
            {{ join_peers("owners", "owner_id") }}
            {{ join_peers("sources", "source") }}
            {{ join_counts(["activities", "notes"]) }}
        order by snapshots.record_id, snapshots.as_of_date
    )

select *
from final
