"""What computes frames: the CPU and GPUs, behind one interface."""
