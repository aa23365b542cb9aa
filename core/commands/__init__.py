"""What people type: everything that the browser does, from a terminal."""
