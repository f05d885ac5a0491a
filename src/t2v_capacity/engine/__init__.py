"""The engine: figures as functions, the verbs and constants that they may use, and how an expression is written."""
