"""Technology behind the ports, one library per module."""
