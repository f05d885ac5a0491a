"""Two plans compared: changes, causes, gates."""
