"""Mutants of the code: small changes that some test must notice."""
