"""The Python interface, behind the names that ``vedc`` itself exports."""
