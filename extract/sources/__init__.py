"""One folder per system that can be read; a source is found by its folder."""
