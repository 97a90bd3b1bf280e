with {{ staged_steps("dataverse__teams") }} select * from final
