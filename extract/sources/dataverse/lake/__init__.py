"""The bulk route: tables that Azure Synapse Link for Dataverse writes into a data lake as CSV, read in place."""
