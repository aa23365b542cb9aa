"""What runs show side by side: which may be ranked, and whether differences are real."""
