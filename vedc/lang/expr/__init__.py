"""Variables and ``${{ }}`` expressions."""
