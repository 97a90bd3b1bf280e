with {{ staged_steps("dataverse__activity_parties") }} select * from final
