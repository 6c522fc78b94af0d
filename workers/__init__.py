"""Background work: what is done, never who asked for it."""
