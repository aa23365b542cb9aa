"""The machine: its processor and versions, its devices, the processes started on it."""
