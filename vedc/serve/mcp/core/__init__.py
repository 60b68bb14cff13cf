"""Parts shared by all tools: their form, running calls, the folder, pictures."""
