"""JSON Schemas of what the program reads and of what it answers."""
