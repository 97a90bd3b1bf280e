with {{ staged_steps("files__opportunities") }} select * from final
