with {{ staged_steps("exchange__activities") }} select * from final
