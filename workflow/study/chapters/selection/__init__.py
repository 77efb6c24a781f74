"""Steps of the chapter `selection`."""
