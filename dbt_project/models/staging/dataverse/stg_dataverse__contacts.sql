with {{ staged_steps("dataverse__contacts") }} select * from final
