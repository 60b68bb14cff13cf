"""From a checked spec to its canonical form, without unused parts."""
