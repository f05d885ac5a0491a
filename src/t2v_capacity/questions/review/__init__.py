"""What is asked of a plan: budgets, gates, and that what it rests on is in order."""
