"""What all formats share: losses, files, words, and the spec in the making."""
