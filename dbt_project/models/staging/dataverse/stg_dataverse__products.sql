with {{ staged_steps("dataverse__products") }} select * from final
