"""Words of recordings: which engine hears them, and looking for what is said."""
