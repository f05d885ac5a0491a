"""Review a plan: budgets, gates, and the state of its inputs."""
