"""Steps of grades that vedc decides: what they ask, and what becomes of the answers."""
