with

    predictions as (
        select *
        from {{ source("scores", "predictions") }}
        where method = 'model' and horizon_days is not null
    ),

    {{ realised_steps() }}

    ranked as (
        select
            *,
            rank() over (partition by model_id, month order by probability)
            + (count(*) over (partition by model_id, month, probability) - 1)
            / 2.0 as mean_rank,
            count(*) over (partition by model_id, month) as records,
            sum(case when is_positive then 1 else 0 end) over (
                partition by model_id, month
            ) as positives
        from judged
    ),

    measured as (
        select
            score_name,
            model_name,
            model_id,
            month,
            count(*) as records,
            avg(probability) as promised,
            avg(case when is_positive then 1.0 else 0.0 end) as realised,
            avg(
                (probability - case when is_positive then 1.0 else 0.0 end)
                * (probability - case when is_positive then 1.0 else 0.0 end)
            ) as brier,
            (
                sum(case when is_positive then mean_rank else 0 end)
                - max(positives) * (max(positives) + 1) / 2.0
            )
            / nullif(max(positives) * (max(records) - max(positives)), 0) as auc
        from ranked
        group by score_name, model_name, model_id, month
    ),

    models as (select * from {{ ref("model_performance") }}),

    final as (
        select
            measured.score_name,
            measured.model_name,
            measured.model_id,
            measured.month,
            cast(measured.records as bigint) as records,
            cast(models.auc as {{ type_double() }}) as promised_auc,
            cast(models.auc_low as {{ type_double() }}) as promised_auc_low,
            {{ rounded("measured.auc") }} as realised_auc,
            {{ rounded("measured.promised") }} as promised_rate,
            {{ rounded("measured.realised") }} as realised_rate,
            cast(models.brier as {{ type_double() }}) as promised_brier,
            {{ rounded("measured.brier") }} as realised_brier
        from measured
        left join
            models
            on measured.score_name = models.score_name
            and measured.model_id = models.model_id
        order by
            measured.score_name, measured.model_name, measured.month, measured.model_id
    )

select *
from final
