"""editly: edits as JSON5 (https://github.com/mifi/editly)."""
