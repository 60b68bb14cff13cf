"""vedc as a server: for agents, and for the browser."""
