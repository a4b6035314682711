"""Before torch is imported: its threads sleep while they wait, as in a run of the bench."""

from benchmarks.run import wait_without_spinning

wait_without_spinning()
