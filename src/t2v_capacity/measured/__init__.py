"""The measured wing: what was measured, against the model. Runs of clips, logs of requests, months of a service."""
