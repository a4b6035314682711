"""Where the noise of a proposal lives: its target, where to begin in it, and what is drawn there."""
