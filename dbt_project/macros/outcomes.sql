{#
    Named steps from `versions` and `records` to `final`: how each record ended in the terms of every model that has a
    target column of its own. Columns: record_id, model_name, outcome, closed_at.

    A record is decided when its newest known version has one of the target's values, since the first version that had
    it; where that is the first one of a back-fill, nobody knows since when, and it counts from when the record was closed
    or last modified. A record that is closed with neither value is 'undecided', and nothing is learnt from it.

    key: the column that identifies a record. models: name and target of each; a target has column, is_custom, positive
    and negative, these in small letters.
#}
{% macro outcome_steps(key, models) -%}
    {%- for model in models if model.target %}
        values_{{ loop.index }} as (
            select
                versions.{{ key }} as record_id,
                versions.version_id,
                versions.version_number = 1 and versions.is_backfill as is_first_known,
                versions.valid_from,
                versions.modified_at,
                case
                    when
                        lower({{ _target_value(model.target) }})
                        in {{ text_list(model.target.positive) }}
                    then 'positive'
                    when
                        lower({{ _target_value(model.target) }})
                        in {{ text_list(model.target.negative) }}
                    then 'negative'
                end as outcome
            from versions
            where versions.known_at < {{ end_of(today()) }}
        ),

        decided_{{ loop.index }} as (
            select
                record_id,
                outcome,
                min(valid_from) as decided_at,
                max(is_first_known) as is_first_known
            from values_{{ loop.index }}
            where outcome is not null
            group by record_id, outcome
        ),

        judged_{{ loop.index }} as (
            select
                records.record_id,
                '{{ model.name }}' as model_name,
                coalesce(
                    newest.outcome,
                    case when records.outcome = 'open' then 'open' else 'undecided' end
                ) as outcome,
                case
                    when newest.outcome is null
                    then null
                    when decided.is_first_known
                    then coalesce(records.closed_at, newest.modified_at)
                    else decided.decided_at
                end as closed_at
            from records
            inner join
                values_{{ loop.index }} as newest
                on records.record_id = newest.record_id
                and records.version_id = newest.version_id
            left join
                decided_{{ loop.index }} as decided
                on newest.record_id = decided.record_id
                and newest.outcome = decided.outcome
        ),
    {%- endfor %}

    final as (
        {% for model in models if model.target -%}
            select *
            from judged_{{ loop.index }}
            union all
        {% endfor -%}
        select record_id, cast(null as varchar) as model_name, outcome, closed_at
        from records
        where 1 = 0
    )
{%- endmacro %}


{% macro _target_value(target) -%}
    {%- if target.is_custom -%} trim({{ json_text("versions.custom", target.column) }})
    {%- else -%} trim(cast(versions.{{ target.column }} as varchar))
    {%- endif -%}
{%- endmacro %}
