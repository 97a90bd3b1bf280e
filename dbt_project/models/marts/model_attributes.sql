with

    models as (select * from {{ ref("model_performance") }}),

    attributes as (select * from {{ source("scores", "attributes") }}),

    influence as (select * from {{ source("scores", "influence") }}),

    applicable as (
        select model_id, attribute, string_agg(stage, ', ' order by stage) as stages
        from influence
        where stage <> ''
        group by model_id, attribute
    ),

    final as (
        select
            attributes.score_name,
            models.model_name,
            attributes.model_id,
            attributes.attribute,
            coalesce(influence.stage, '') as stage,
            applicable.stages as applicable_stages,
            models.as_of_date,
            models.is_in_use,
            attributes.decision,
            influence.influence,
            influence.share as influence_share,
            attributes.suspected,
            attributes.reason,
            attributes.evidence,
            attributes.auc_alone,
            attributes.filled_open,
            attributes.filled_closed,
            attributes.advice
        from attributes
        inner join
            models
            on attributes.score_name = models.score_name
            and attributes.model_id = models.model_id
        left join
            influence
            on attributes.score_name = influence.score_name
            and attributes.model_id = influence.model_id
            and attributes.attribute = influence.attribute
        left join
            applicable
            on attributes.model_id = applicable.model_id
            and attributes.attribute = applicable.attribute
        order by
            attributes.score_name,
            models.as_of_date,
            attributes.model_id,
            attributes.attribute,
            coalesce(influence.stage, '')
    )

select *
from final
