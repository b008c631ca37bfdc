"""Readers for folders, archives, arrays and image files; one module per format."""
