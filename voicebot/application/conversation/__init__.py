"""One answered call: ears, voice, dialogue and transcript around the pure `dialogue.step`."""
