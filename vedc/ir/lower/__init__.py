"""Lowering: from the resolved edit to the graph of each piece of the film."""
