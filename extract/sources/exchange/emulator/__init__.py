"""Microsoft Graph v1.0 for mail and calendars, as far as the source asks for it, with its documented awkwardness."""
