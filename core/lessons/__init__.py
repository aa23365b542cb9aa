"""Lessons: what the stations of Learn tell, ask and compute, all by NumPy's exhibit."""
