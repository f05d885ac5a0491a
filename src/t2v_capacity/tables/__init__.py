"""Rich: tables at a terminal."""
