"""Commands that review edits."""
