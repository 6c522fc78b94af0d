"""Builds the bilingual encoder that `ml.bilingual` loads; see `scripts/encoder --help`."""
