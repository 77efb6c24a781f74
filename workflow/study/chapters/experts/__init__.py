"""The steps of the chapter `experts`."""
