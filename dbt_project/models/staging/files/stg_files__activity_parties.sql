with {{ staged_steps("files__activity_parties") }} select * from final
