"""The float64 reference: op bodies run on NumPy arrays."""
