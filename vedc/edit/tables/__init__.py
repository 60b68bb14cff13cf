"""Words with fixed meanings: codecs, containers, curves and filters of sound."""
