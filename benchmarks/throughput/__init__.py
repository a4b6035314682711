"""How fast log weights are drawn: contenders timed in turn, a limit, memory, growth."""
