"""Records of the files that vedc wrote."""
