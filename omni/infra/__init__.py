"""What every part stands on: configuration, secrets, logs, the run store."""
