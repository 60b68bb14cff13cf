"""Signal processing that knows no files: curves, fades, filters, reverberation, peaks."""
