"""The question turned around: which value, or which option, keeps conditions."""
