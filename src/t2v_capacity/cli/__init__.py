"""The command line: one file a question. The only code that prints or exits."""
