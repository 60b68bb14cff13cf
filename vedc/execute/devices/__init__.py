"""Devices that compute frames: the CPU and GPUs, behind one interface."""
