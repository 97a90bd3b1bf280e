"""From the systems of an organisation into the warehouse: ``fetch`` makes packages, ``load`` puts them in."""
