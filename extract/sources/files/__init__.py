"""The ``files`` source: a folder of exported files, whatever CRM wrote them."""
