"""The speed page."""
