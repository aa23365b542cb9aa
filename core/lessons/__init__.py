"""Lessons: the exhibits side by side, step by step, with what one batch really does in each."""
