"""Arithmetic of the marketplace: text, vectors, ranking. Data in, data out; no framework, clock or randomness."""
