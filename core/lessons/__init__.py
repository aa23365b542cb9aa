"""Lessons: stations that tell, ask and compute, exhibits side by side, rules about runs in trouble."""
