"""What tells the time of a sound: time stamps where they hold, else frames and samples."""
