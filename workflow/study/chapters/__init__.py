"""Steps of the chapters: each reads result files, calls an analysis, and writes result files."""
