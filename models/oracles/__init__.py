"""Models whose evidence is known exactly."""
