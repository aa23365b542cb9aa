"""Examples as the pages show them; each is a file that can be copied and runs."""
