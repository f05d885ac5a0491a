"""What one asks of the graph of figures. Nothing here prints."""
