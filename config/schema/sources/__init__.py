"""The shape of ``config/sources/<source>.yml``: one module per source, each with a class ``Settings``."""
