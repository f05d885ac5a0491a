"""The engine: figures as functions, and the verbs and constants that they may use."""
