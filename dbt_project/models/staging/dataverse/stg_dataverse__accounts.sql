with {{ staged_steps("dataverse__accounts") }} select * from final
