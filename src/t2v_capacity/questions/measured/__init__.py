"""Measured runs: how near the predictions are, and efficiencies of one's own."""
