"""Figures from plain data; one fixed colour per framework."""
