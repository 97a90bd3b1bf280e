{#
    Leads that came after the day was built. Under the target `arrivals` the models tagged so are built for these leads
    alone, in the schema `arrivals`; all else that they read is the whole day's. The SQL is the same: what is made for an
    arrival is what the daily build would have made of it.
#}
{% macro is_for_arrivals() -%} {{ return(target.name == "arrivals") }} {%- endmacro %}


{#
    True for a record to be listed: any; for arrivals, one that is open and not yet among the day's features. These are
    named as a table and not by ref(), which would lead to those of the arrivals, and in a circle.
#}
{% macro is_listed(score) -%}
    {%- if is_for_arrivals() -%}
        outcome = 'open'
        and record_id not in (
            select record_id
            from features.feat_{{ score }}
            where is_current and as_of_date = {{ today() }}
        )
    {%- else -%} true
    {%- endif -%}
{%- endmacro %}
