"""Editing programs: CMX 3600 EDL, Final Cut Pro 7 XML, Final Cut Pro X XML, MLT XML."""
