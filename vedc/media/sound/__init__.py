"""The clock of a sound: time stamps if reliable, else frames and samples."""
