with

    models as (
        select * from {{ source("scores", "models") }} where as_of_date <= {{ today() }}
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
        from models
        order by score_name, as_of_date, trained_at, model_id
    )

select *
from final
