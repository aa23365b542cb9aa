"""What the saved models say, asked in one warm worker process per runtime."""
