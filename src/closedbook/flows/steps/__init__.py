"""The kinds of steps, one file each: what a step does, and what must be right for it.

Each has a `build` of its spec at a site, which reports what is wrong and gives the step if it can
be made. A new kind is a file here, a line in `loading.BUILD` and a key in `spec.StepSpec`.
"""
