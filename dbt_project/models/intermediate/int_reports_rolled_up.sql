{# Deeper than any organisation is: a circle of managers ends here. #}
{% set deepest = 20 %}

with recursive

    direct as (select * from {{ ref("int_managers_found") }}),

    managers as (select distinct manager_id, manager_name from direct),

    reach as (
        select manager_id, manager_id as user_id, 0 as depth
        from managers

        union

        select reach.manager_id, direct.report_id, reach.depth + 1
        from reach
        inner join direct on reach.user_id = direct.manager_id
        where direct.report_id is not null and reach.depth < {{ deepest }}
    ),

    final as (
        select
            reach.manager_id,
            managers.manager_name,
            reach.user_id,
            cast(min(reach.depth) as bigint) as depth
        from reach
        inner join managers on reach.manager_id = managers.manager_id
        group by reach.manager_id, managers.manager_name, reach.user_id
    )

select *
from final
