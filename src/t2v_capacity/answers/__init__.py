"""What each question's answer looks like, a file a command."""
