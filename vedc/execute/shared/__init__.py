"""A store shared by several machines, in a folder or object storage, behind each one's own."""
