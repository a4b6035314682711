"""VAEs: how they are put together, and those that come trained, as checkpoints with a card."""
