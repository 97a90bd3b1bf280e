with {{ staged_steps("dataverse__leads") }} select * from final
