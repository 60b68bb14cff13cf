"""What was found out about effects, for people and programs."""
