"""The records of items: what each kind takes, key by key."""
