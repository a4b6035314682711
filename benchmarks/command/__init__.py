"""What every command shares: exit status, sentences, streams, progress, threads."""
