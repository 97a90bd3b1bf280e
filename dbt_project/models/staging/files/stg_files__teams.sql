with {{ staged_steps("files__teams") }} select * from final
