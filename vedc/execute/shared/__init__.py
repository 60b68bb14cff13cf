"""A store that several machines share, in a folder or in object storage, behind each one's own."""
