"""Commands for agents and editors."""
