with {{ staged_steps("dataverse__users") }} select * from final
