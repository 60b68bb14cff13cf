"""Following the files that a spec reads."""
