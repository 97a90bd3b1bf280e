{#
    The labels of snapshots, one per model: whether the wanted outcome came within the model's horizon, or at all where it
    has none. Columns: record_id, as_of_date, model_name, label, outcome, closed_at, label_known_on, censored_because.

    models: name, horizon_days and target of each. A model with a target of its own reads `outcomes`, the others take
    the outcome of the record's status from `snapshots`.
#}
{% macro label_steps(models) -%}
    {%- for model in models %}
        outcome_{{ loop.index }} as (
            select
                snapshots.record_id,
                snapshots.as_of_date,
                snapshots.created_at,
                snapshots.is_current,
                '{{ model.name }}' as model_name,
                {% set of_the_model = "outcomes" if model.target else "snapshots" -%}
                {{ of_the_model }}.outcome,
                {{ of_the_model }}.closed_at
            from snapshots
            {%- if model.target %}
                inner join
                    outcomes
                    on snapshots.record_id = outcomes.record_id
                    and outcomes.model_name = '{{ model.name }}'
            {%- endif %}
        ),

        judged_{{ loop.index }} as (
            {% if model.horizon_days is none %}
                {{ _final_outcome("outcome_" ~ loop.index) }}
            {% else %}{{ _within_horizon("outcome_" ~ loop.index, model.horizon_days) }}
            {% endif %}
        ),
    {%- endfor %}

    judged as (
        {% for model in models -%}
            select * from judged_{{ loop.index }} {{ "union all" if not loop.last }}
        {% endfor %}
    ),

    final as (
        select
            record_id,
            as_of_date,
            model_name,
            case when censored_because is null then is_positive end as label,
            outcome,
            closed_at,
            label_known_on,
            censored_because
        from judged
        order by record_id, as_of_date, model_name
    )
{%- endmacro %}


{# Without a horizon each record counts once: on the day it was created, or on the one that is built if it has no date. #}
{% macro _final_outcome(outcomes) -%}
    select
        *,
        cast(closed_at as date) as label_known_on,
        case
            when outcome = 'open'
            then 'not decided yet'
            when outcome = 'undecided'
            then 'closed without a value of the target'
            when as_of_date > cast(created_at as date)
            then 'looked at before'
        end as censored_because,
        outcome = 'positive' as is_positive
    from {{ outcomes }}
{%- endmacro %}


{% macro _within_horizon(outcomes, horizon_days) -%}
    select
        *,
        case
            when label_known_on > {{ today() }}
            then 'younger than the horizon'
            when outcome = 'undecided'
            then 'closed without a value of the target'
            when outcome <> 'open' and closed_at is null
            then 'closed without a date'
            when closed_at < {{ end_of("as_of_date") }}
            then 'decided by the end of that day'
        end as censored_because,
        outcome = 'positive'
        and cast(closed_at as date) > as_of_date
        and cast(closed_at as date) <= label_known_on as is_positive
    from
        (
            select
                *,
                cast(
                    {{ dbt.dateadd("day", horizon_days, "as_of_date") }} as date
                ) as label_known_on
            from {{ outcomes }}
        ) as dated
{%- endmacro %}
