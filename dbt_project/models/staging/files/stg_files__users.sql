with {{ staged_steps("files__users") }} select * from final
