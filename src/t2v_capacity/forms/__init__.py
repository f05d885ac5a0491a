"""The forms that an answer has: a neutral report, and what writes it as text, on a terminal and as data."""
