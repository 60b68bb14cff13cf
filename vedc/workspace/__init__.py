"""The objects a command opens: a spec with its cache, lock, plan and outputs."""
