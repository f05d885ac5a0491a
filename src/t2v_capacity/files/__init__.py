"""Files and their places: where one stands, what it holds, and what it was in a git revision."""
