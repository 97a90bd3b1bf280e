with {{ staged_steps("dataverse__notes") }} select * from final
