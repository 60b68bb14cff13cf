"""Reports on ops: `vedc ops`, `vedc explain`, pictures."""
