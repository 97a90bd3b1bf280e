with {{ staged_steps("dataverse__activities") }} select * from final
