-- Every row of features has its labels, and the other way round.
{% for score in ["lead", "opportunity"] %}
    select '{{ score }}' as score, feat.record_id, label.record_id as label_record_id
    from {{ ref("feat_" ~ score) }} as feat
    full outer join
        {{ ref("label_" ~ score) }} as label
        on feat.record_id = label.record_id
        and feat.as_of_date = label.as_of_date
    where
        feat.record_id is null or label.record_id is null
        {{ "union all" if not loop.last }}
{% endfor %}
