{#
    Named steps from `versions` (of one entity) and `snapshots` to `final`: per group of peers and day, how many of its
    records were open and what their typical estimated amount (the geometric mean) was, as known by the end of the day.

    A group is named by its kind (a column of the versions, as owner_id) and its value. Only running totals over days are
    used, no comparison of every record with every day; logarithms are summed as decimals, which do not depend on order.

    kinds: the columns to group by. closed: the statuses in which a record is closed.
#}
{% macro peer_steps(kinds, closed) -%}
    spans as (
        select
            *,
            coalesce(status in ('{{ closed | join("', '") }}'), false) as is_closed,
            cast(known_at as date) as open_from
        from versions
        where not is_deleted and known_at < {{ end_of(today()) }}
    ),

    grouped as (
        {% for kind in kinds -%}
            select
                '{{ kind }}' as kind,
                {{ kind }} as peers,
                open_from,
                cast(
                    least(known_to, case when is_closed then closed_at end) as date
                ) as open_until,
                not is_closed or closed_at is not null as is_ever_open,
                version_id,
                case
                    when version_number = 1 and estimated_amount > 0
                    then cast(ln(estimated_amount) as decimal(28, 12))
                end as log_amount
            from spans
            where {{ kind }} is not null {{ "union all" if not loop.last }}
        {% endfor -%}
    ),

    changes as (
        select
            kind,
            peers,
            open_from as day,
            1 as opened,
            0 as amounts,
            cast(0 as decimal(28, 12)) as log_amount,
            0 as asked
        from grouped
        where is_ever_open and open_until > open_from

        union all

        select kind, peers, open_until, -1, 0, 0, 0
        from grouped
        where is_ever_open and open_until > open_from

        union all

        select kind, peers, open_from, 0, 1, log_amount, 0
        from grouped
        where log_amount is not null

        union all

        select grouped.kind, grouped.peers, snapshots.as_of_date, 0, 0, 0, 1
        from snapshots
        inner join grouped on snapshots.version_id = grouped.version_id
    ),

    running as (
        select
            kind,
            peers,
            day,
            max(asked) as asked,
            sum(sum(opened)) over so_far as open_records,
            sum(sum(amounts)) over so_far as amounts,
            sum(sum(log_amount)) over so_far as logs
        from changes
        group by kind, peers, day
        window so_far as (partition by kind, peers order by day)
    ),

    final as (
        select
            kind,
            peers,
            day as as_of_date,
            cast(open_records as bigint) as open_records,
            case
                when amounts > 0
                then {{ rounded("exp(cast(logs as " ~ type_double() ~ ") / amounts)") }}
            end as typical_amount
        from running
        where asked = 1
    )
{%- endmacro %}
