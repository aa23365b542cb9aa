"""One run on disk: configuration, events, result, predictions, and what became of it."""
