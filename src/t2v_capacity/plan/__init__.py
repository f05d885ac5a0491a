"""The plan itself: its figures, what they rest on, what decides them, and what to be warned of."""
