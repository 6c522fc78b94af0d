"""Support for tests; nothing here runs in production."""
