"""What `omni bench` measures, beside the floors and the peers."""
