"""Lessons: stations that tell, ask and compute, and the exhibits side by side, step by step."""
