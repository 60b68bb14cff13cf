"""Colour spaces, looks and views of OpenColorIO configs, by their names.

``config`` opens a config and gives its transforms, ``displays`` finds the tags of a display, and
``opened`` keeps the transforms by identity, for ``vedc.looks`` to compile. OpenColorIO is imported
only where a spec names one of these: kernels run without it.
"""
