with {{ staged_steps("files__quotas") }} select * from final
