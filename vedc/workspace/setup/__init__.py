"""Starting out: a first spec, and whether this machine has what vedc needs."""
