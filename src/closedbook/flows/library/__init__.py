"""The shipped flows: one YAML file each, their prompts below `prompts`, their functions below `steps`."""
