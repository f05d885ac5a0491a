"""Runs of clips: how near the predictions are, and efficiencies of your own."""
