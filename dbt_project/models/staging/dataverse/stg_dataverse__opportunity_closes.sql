with {{ staged_steps("dataverse__opportunity_closes") }} select * from final
