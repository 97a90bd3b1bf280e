with {{ staged_steps("files__products") }} select * from final
