"""Reports on decisions: text, data, graph and page."""
