"""The datasets on the pages: are they there, and what do they look like."""
