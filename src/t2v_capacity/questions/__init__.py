"""Ask questions of the graph of figures. Nothing here prints."""
