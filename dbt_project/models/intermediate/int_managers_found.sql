with

    users as (select * from {{ ref("int_users_known") }}),

    teams as (
        select *
        from {{ ref("hist_teams") }} as versions
        where {{ was_valid_before("versions", end_of(today())) }} and not is_deleted
    ),

    reports as (
        select manager_id, user_id
        from users
        where manager_id is not null

        union

        select teams.manager_id, users.user_id
        from teams
        inner join users on teams.team_id = users.team_id
        where teams.manager_id is not null
    ),

    managers as (
        select manager_id
        from reports

        union

        select manager_id
        from teams
        where manager_id is not null
    ),

    final as (
        select
            managers.manager_id,
            coalesce(manager.name, managers.manager_id) as manager_name,
            reports.user_id as report_id,
            coalesce(reports.user_id, '') as report_key
        from managers
        left join users as manager on managers.manager_id = manager.user_id
        left join
            reports
            on managers.manager_id = reports.manager_id
            and managers.manager_id <> reports.user_id
    )

select *
from final
