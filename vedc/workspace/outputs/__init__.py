"""What is known of the files that vedc wrote."""
