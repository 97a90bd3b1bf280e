"""What the data promise, written down once per table and held by Great Expectations inside the database."""
