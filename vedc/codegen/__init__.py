"""Code generators: the float64 reference, LLVM for the CPU."""
