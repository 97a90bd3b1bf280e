with {{ staged_steps("files__accounts") }} select * from final
