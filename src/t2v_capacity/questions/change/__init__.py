"""Two plans beside each other: what changed, why, and whether it may."""
