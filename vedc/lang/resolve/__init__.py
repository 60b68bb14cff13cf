"""From a checked spec to the resolved edit of each output."""
