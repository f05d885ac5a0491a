"""Turn each question's record into an answer, one file per command."""
