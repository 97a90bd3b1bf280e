with {{ staged_steps("dataverse__opportunity_products") }} select * from final
