"""What commands tell of a spec: whether it is valid, its plan, what a render did."""
