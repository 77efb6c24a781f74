"""Steps of the chapter `influence`."""
