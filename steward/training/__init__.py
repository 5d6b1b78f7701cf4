"""Training: a model of the files as they are, measured, judged, kept."""
