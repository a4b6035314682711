"""What is kept: the run folder, its tables, and where its numbers are from. Without torch."""
