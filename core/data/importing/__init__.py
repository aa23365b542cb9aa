"""Visitors' own data read: CSV, NumPy arrays, IDX, pictures in folders or a ZIP, each within limits."""
