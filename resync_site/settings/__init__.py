"""Settings, all read from the environment: base, then dev, prod or test on top."""
