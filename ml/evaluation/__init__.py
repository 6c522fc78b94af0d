"""Labelled sets, measures and rankers: what `ml.evaluate` prints."""
