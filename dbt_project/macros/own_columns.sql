{#
    The organisation's own columns, which a history table has in the JSON object `custom`, as fields of a struct: read from
    JSON once, when features are built.
#}
{#
    The names that records, their contacts and their accounts bear by the end of the day that is built: a dictionary of
    lists. Under the target `arrivals` they are the names that the day's table has.

    records: the history of the records. score: whose features.
#}
{% macro own_columns(records, score) -%}
    {%- set own = {"versions": [], "contacts": [], "accounts": []} -%}
    {%- if execute and is_for_arrivals() -%}
        {%- for name in names_in(
            "(select custom from features.feat_"
            ~ score
            ~ " limit 1) as first_row",
            "to_json(custom)",
        ) -%}
            {%- do own["versions"].append(name) -%}
            {%- set table = name.partition(".")[0] ~ "s" -%}
            {%- if table in ("contacts", "accounts") -%}
                {%- do own[table].append(name.partition(".")[2]) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- elif execute -%}
        {%- set tables = {
            "versions": records,
            "contacts": "hist_contacts",
            "accounts": "hist_accounts",
        } -%}
        {%- for table, history in tables.items() -%}
            {%- do own[table].extend(
                names_in(
                    ref(history), "custom", "known_at < " ~ end_of(today())
                )
            ) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(own) }}
{%- endmacro %}


{# The names of all JSON objects of a column, in their order; a column without a name is none. #}
{% macro names_in(relation, objects, where="true") -%}
    {%- set query -%}
        select distinct name
        from (select {{ json_names(objects) }} as name from {{ relation }} where {{ where }}) as named
        where name <> ''
        order by name
    {%- endset -%}
    {{ return(run_query(query).columns[0].values() | list) }}
{%- endmacro %}


{# Rows of a history table with `own`: the columns of these names as a struct of texts, trimmed, null where empty. #}
{% macro with_own(relation, names, where="true") -%}
    {%- set values = [] -%}
    {%- for name in names -%}
        {%- set text = text_in("texts", names, loop.index) -%}
        {%- do values.append((name, "nullif(trim(" ~ text ~ "), '')")) -%}
    {%- endfor -%}
    select *, {{ struct_of(values) }} as own
    from
        (
            select *, {{ json_texts("custom", names) }} as texts
            from {{ relation }}
            where {{ where }}
        ) as read_once
{%- endmacro %}


{#
    The own columns of a record, and those of its contact and account with `contact.` or `account.` before their names. The
    tables are called versions, contacts and accounts, and made by with_own(), whose structs have one field of names that
    differ in case alone, as `unique` has one name.
#}
{% macro own_of_all(own) -%}
    {%- set values = [] -%}
    {%- for table, before in [
        ("accounts", "account."),
        ("contacts", "contact."),
        ("versions", ""),
    ] -%}
        {%- for name in own[table] | unique -%}
            {%- do values.append(
                (before ~ name, table ~ ".own." ~ quoted_name(name))
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ struct_of(values) }}
{%- endmacro %}
