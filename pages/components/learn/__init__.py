"""Pieces of the Learn page: stations with something to move, a question, the real lines."""
