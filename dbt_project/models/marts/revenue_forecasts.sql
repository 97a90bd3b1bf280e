with

    forecasts as (
        select *
        from {{ source("forecasts", "managers") }}
        where as_of_date <= {{ today() }}
    ),

    newest as (select max(as_of_date) as as_of_date from forecasts),

    final as (
        select
            forecasts.manager_id,
            forecasts.manager_name,
            forecasts.period,
            forecasts.period_label,
            forecasts.period_start,
            forecasts.period_end,
            forecasts.status,
            forecasts.weeks_of_history,
            cast('{{ var("currency") }}' as varchar) as currency,
            forecasts.won_to_date_amount,
            forecasts.predicted_amount,
            forecasts.low_80_amount,
            forecasts.high_80_amount,
            forecasts.low_95_amount,
            forecasts.high_95_amount,
            forecasts.as_of_date,
            forecasts.forecast_at
        from forecasts
        inner join newest on forecasts.as_of_date = newest.as_of_date
        order by forecasts.manager_id, forecasts.period_start
    )

select *
from final
