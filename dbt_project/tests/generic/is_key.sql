{# Fails for every key that is empty in one of its columns or that occurs more than once. #}
{% test is_key(model, columns) %}

    select {{ columns | join(", ") }}, count(*) as occurrences
    from {{ model }}
    group by {{ columns | join(", ") }}
    having count(*) > 1 {% for column in columns %} or {{ column }} is null {% endfor %}

{% endtest %}
