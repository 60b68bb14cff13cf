"""The form of every JSON output, as JSON Schema: one place for commands, servers and tests."""
