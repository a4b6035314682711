"""The tables of the papers beside what a run measured: pure functions of a run folder, without torch."""
