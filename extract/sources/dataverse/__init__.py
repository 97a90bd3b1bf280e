"""The ``dataverse`` source: the tables of Dynamics 365, through the Dataverse Web API."""
