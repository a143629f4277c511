"""What the use cases need from the world, in our own words: one file per port."""
