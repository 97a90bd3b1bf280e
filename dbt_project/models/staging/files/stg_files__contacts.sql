with {{ staged_steps("files__contacts") }} select * from final
