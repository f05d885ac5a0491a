"""How the constants of the generation model were found: `python -m fit.refit` from tests/ prints them."""
