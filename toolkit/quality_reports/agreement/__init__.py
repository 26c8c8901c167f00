"""Whether evaluators agree: a calibration gathered, counted and shown."""
