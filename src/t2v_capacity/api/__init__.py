"""The Python door: plans, and what can be asked of them. The command line is written on it."""
