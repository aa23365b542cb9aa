"""The Learn page: stations to try one idea each, and the exhibits' code side by side."""
