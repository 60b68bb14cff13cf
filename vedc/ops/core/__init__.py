"""How an op is declared, found and called."""
