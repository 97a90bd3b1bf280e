"""Web pages over the published data: HTML made on the server, nothing written, nothing fetched from elsewhere."""
