{#
    Named steps to `final`: the rows of one entity from one source that count, under the names of the canonical columns.

    table: <source>__<entity>, a table of the schema raw. An entity without a column modified_at hands on an empty one.
#}
{% macro staged_steps(table) -%}
    {%- set entity = table.split("__")[1] -%}
    rows_in_use as (
        select * from {{ source("raw", table) }} where {{ is_in_use(table) }}
    ),

    final as (
        select
            {{ staged_columns()[entity].split() | join(", ") }},
            {%- if "modified_at" not in staged_columns()[entity] %}
                cast(null as timestamp) as modified_at,
            {%- endif %}
            custom,
            date_precision,
            _row_id as row_id,
            _batch_id as batch_id,
            _file as file_name,
            _row_number as row_number,
            _loaded_at as loaded_at,
            _known_at as loaded_known_at,
            _deleted as is_deleted
        from rows_in_use
    )
{%- endmacro %}


{# Entity to the columns that its staging models hand on, in order, before those of every row. #}
{% macro staged_columns() -%}
    {{
        return(
            {
                "leads": "lead_id topic first_name last_name email phone job_title "
                ~ "company_name account_id contact_id owner_id status "
                ~ "status_reason source industry country city estimated_amount "
                ~ "employee_count created_at modified_at closed_at record_order",
                "opportunities": "opportunity_id name lead_id account_id contact_id product_id "
                ~ "owner_id status status_reason stage source estimated_amount "
                ~ "actual_amount estimated_close_on created_at modified_at "
                ~ "closed_at record_order",
                "accounts": "account_id name industry country city parent_account_id "
                ~ "owner_id annual_revenue employee_count created_at "
                ~ "modified_at",
                "contacts": "contact_id account_id first_name last_name email phone "
                ~ "job_title owner_id country city source created_at "
                ~ "modified_at",
                "users": "user_id name email title manager_id team_id position_id "
                ~ "joined_on left_on modified_at",
                "teams": "team_id name manager_id region modified_at",
                "activities": "activity_id type direction status subject owner_id "
                ~ "regarding_entity regarding_id occurred_at duration_minutes "
                ~ "created_at modified_at",
                "activity_parties": "activity_id party_id party_entity role email",
                "notes": "note_id regarding_entity regarding_id owner_id body "
                ~ "created_at modified_at",
                "products": "product_id name family list_price modified_at",
                "quotas": "user_id period_start period_end amount metric "
                ~ "modified_at",
                "opportunity_closes": "close_id opportunity_id outcome status_reason subject "
                ~ "owner_id actual_amount closed_at created_at modified_at",
                "opportunity_products": "line_id opportunity_id product_id quantity unit_price "
                ~ "discount_amount amount created_at modified_at",
            }
        )
    }}
{%- endmacro %}
