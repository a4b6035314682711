"""The report: what it says of a run folder, and that it is one file that asks nobody for anything."""
