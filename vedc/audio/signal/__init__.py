"""Signal processing, independent of files: curves, fades, filters, reverberation, peaks."""
