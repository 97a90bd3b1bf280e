with {{ staged_steps("exchange__activity_parties") }} select * from final
