"""CPU kernels: LLVM IR through llvmlite."""
