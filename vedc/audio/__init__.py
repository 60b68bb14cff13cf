"""The audio half of a plan, on libavfilter through PyAV."""
