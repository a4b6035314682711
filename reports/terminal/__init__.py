"""What a run says on stdout."""
