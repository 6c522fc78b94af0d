"""Versions written beside every stored vector, hash and score, so that what is stale can be found."""

# Bump when `ml.text` or the terms of `ml.lexical` change: stored hashes and lexical rows are then rebuilt.
TEXT_VERSION = "text-1"

# Bump when a weight, threshold, calibration or reason of `ml.ranking` changes: lists are then recomputed.
RANKING_VERSION = "ranking-2"

# Bump when what `ml.search` makes of a document changes: words and terms of every document are then rebuilt.
SEARCH_VERSION = "search-1"
