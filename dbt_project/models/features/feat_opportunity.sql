{%- set own = own_columns("hist_opportunities", "opportunity") %}

with

    snapshots as (select * from {{ ref("int_opportunity_snapshots_listed") }}),

    versions as ({{ with_own(ref("hist_opportunities"), own.versions) }}),

    accounts as ({{ with_own(ref("hist_accounts"), own.accounts, "not is_deleted") }}),

    products as (select * from {{ ref("hist_products") }} where not is_deleted),

    contacts as ({{ with_own(ref("hist_contacts"), own.contacts, "not is_deleted") }}),

    deals as (select * from {{ ref("int_account_deals_counted") }}),

    peers as (select * from {{ ref("int_opportunity_peers_measured") }}),

    activities as (select * from {{ ref("int_opportunity_activities_counted") }}),

    notes as (select * from {{ ref("int_opportunity_notes_counted") }}),

    stages as (select * from {{ ref("int_opportunity_stages_timed") }}),

    final as (
        select
            {{ meta_columns(own) }},
            versions.source,
            versions.stage,
            stages.days_in_stage,
            stages.days_in_stage_to_won,
            versions.owner_id,
            versions.product_id,
            products.family as product_family,
            products.list_price,
            versions.estimated_amount,
            {{ ratio("versions.estimated_amount", "products.list_price") }}
            as amount_to_list_price,
            {{ ratio("versions.estimated_amount", "owners.typical_amount") }}
            as amount_to_owner_typical,
            {{ ratio("versions.estimated_amount", "product_peers.typical_amount") }}
            as amount_to_product_typical,
            case
                when snapshots.is_dated
                then
                    cast(
                        {{
                            dbt.datediff(
                                "snapshots.as_of_date",
                                "versions.estimated_close_on",
                                "day",
                            )
                        }} as bigint
                    )
            end as days_to_estimated_close,
            versions.lead_id is not null as has_lead,
            versions.contact_id is not null as has_contact,
            contacts.job_title as contact_job_title,
            contacts.phone is not null as contact_has_phone,
            accounts.account_id is not null as has_account,
            accounts.industry as account_industry,
            accounts.country as account_country,
            accounts.city as account_city,
            accounts.employee_count as account_employee_count,
            accounts.annual_revenue as account_annual_revenue,
            accounts.parent_account_id is not null as account_is_subsidiary,
            case
                when snapshots.is_dated then coalesce(deals.deals_won, 0)
            end as account_deals_won,
            case
                when snapshots.is_dated then coalesce(deals.deals_lost, 0)
            end as account_deals_lost,
            case
                when snapshots.is_dated then coalesce(deals.deals_open, 0)
            end as account_deals_open,
            owners.open_records as owner_open_opportunities,
            {{ calendar_features() }},
            {{ activity_features() }}
        from snapshots
        inner join versions on snapshots.version_id = versions.version_id
        left join
            accounts
            on versions.account_id = accounts.account_id
            and {{ was_valid_before("accounts", "snapshots.ends_at") }}
        left join
            products
            on versions.product_id = products.product_id
            and {{ was_valid_before("products", "snapshots.ends_at") }}
        left join
            contacts
            on versions.contact_id = contacts.contact_id
            and {{ was_valid_before("contacts", "snapshots.ends_at") }}
            {{ join_peers("owners", "owner_id") }}
            {{ join_peers("product_peers", "product_id") }}
            {{ join_counts(["deals", "activities", "notes", "stages"]) }}
        order by snapshots.record_id, snapshots.as_of_date
    )

select *
from final
