with {{ staged_steps("files__notes") }} select * from final
