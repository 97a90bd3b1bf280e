with {{ staged_steps("linkedin__activities") }} select * from final
