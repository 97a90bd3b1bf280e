with {{ staged_steps("files__activities") }} select * from final
