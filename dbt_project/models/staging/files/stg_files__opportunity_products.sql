with {{ staged_steps("files__opportunity_products") }} select * from final
