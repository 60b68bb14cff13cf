"""What every tool is made of: its form, a call that runs, the folder, pictures."""
