"""What scripts/bench measures, and how: each module is one measurement or one thing they share."""
