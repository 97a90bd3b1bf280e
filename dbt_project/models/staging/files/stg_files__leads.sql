with {{ staged_steps("files__leads") }} select * from final
