with {{ staged_steps("dataverse__quotas") }} select * from final
