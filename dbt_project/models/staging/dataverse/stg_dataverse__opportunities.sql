with {{ staged_steps("dataverse__opportunities") }} select * from final
