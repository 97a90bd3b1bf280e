with

    models as (
        select * from {{ source("scores", "models") }} where as_of_date <= {{ today() }}
    ),

    drift as (
        select
            *,
            row_number() over (
                partition by model_id order by as_of_date desc
            ) as place_from_newest
        from {{ source("scores", "drift") }}
        where aspect = 'model' and as_of_date <= {{ today() }}
    ),

    joined as (
        select
            models.*,
            coalesce(drift.standing_verdict, models.verdict) as standing_verdict,
            drift.status as drift_status,
            drift.drifting_since,
            case
                when drift.drifting_since is not null then drift.because
            end as drift_because
        from models
        left join
            drift
            on models.model_id = drift.model_id
            and models.score_name = drift.score_name
            and drift.place_from_newest = 1
    ),

    final as (
        select
            score_name,
            model_name,
            model_id,
            as_of_date,
            status,
            status = 'champion' as is_in_use,
            verdict,
            standing_verdict,
            drift_status,
            drifting_since,
            drift_because,
            auc,
            auc_low,
            auc_high,
            brier,
            calibration_error,
            base_rate,
            training_records,
            holdout_records,
            holdout_from,
            because,
            weaknesses,
            trained_at
        from joined
        order by score_name, as_of_date, trained_at, model_id
    )

select *
from final
