"""A scenario: files and flags as layers, put over each other."""
