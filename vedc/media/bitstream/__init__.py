"""What is written in H.264 and HEVC streams, as far as copying packets takes."""
