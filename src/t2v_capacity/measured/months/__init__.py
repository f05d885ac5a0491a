"""Months of a service: what was planned of them, what came, and why they differ."""
