"""The arithmetic of drawing: rows and a width in, lines of text with roles out. No styles, no widgets, no clock."""
