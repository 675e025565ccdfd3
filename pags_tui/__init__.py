"""A full-screen terminal war room for the night of a production cutover."""

__version__ = "0.1.0"
