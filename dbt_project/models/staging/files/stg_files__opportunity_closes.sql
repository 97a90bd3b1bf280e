with {{ staged_steps("files__opportunity_closes") }} select * from final
