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
