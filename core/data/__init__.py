"""The datasets: what is known of them, their files, fetching them, and what a network is fed."""
