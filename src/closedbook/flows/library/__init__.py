"""The shipped flows, one YAML file each; their prompts below `prompts`, functions below `steps`."""
