"""What asking a teacher costs and withstands; see `python -m benchmarks.asking --help`."""
