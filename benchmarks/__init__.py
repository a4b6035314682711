"""How estimators are measured: studies, measurement, statistics, the run folder, the command."""
