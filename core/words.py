"""Numbers and names in words: one way to write each, for pages, report and terminal."""
