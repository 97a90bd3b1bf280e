with

    versions as (select * from {{ ref("hist_users") }}),

    final as (
        select user_id, name, email, title, manager_id, team_id, joined_on, left_on
        from versions
        where {{ was_valid_before("versions", end_of(today())) }} and not is_deleted
    )

select *
from final
