"""Studies: a space of settings, strategies, workers that train, and whether the winner is real."""
