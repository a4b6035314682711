"""Data sets: formats, checks, places, splits, binarisation."""
