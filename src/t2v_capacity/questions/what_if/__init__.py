"""The plan with other values: over axes, on other GPUs, in later months, with other plans."""
