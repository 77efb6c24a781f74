"""The steps of the chapter `synthesis`: the difficulty of experts."""
