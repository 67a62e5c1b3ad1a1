"""Files that Galago writes and reads."""
