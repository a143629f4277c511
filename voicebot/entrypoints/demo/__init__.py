"""The main job: a whole campaign over real SIP and real speech on this machine."""
