"""What is taken home from a comparison or a run."""
