"""Picture files, still or animated: which kind one is, what is in it, and its pixels."""
