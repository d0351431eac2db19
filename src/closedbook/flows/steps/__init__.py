"""The kinds of steps: what a step does, and what must be right for it.

Each has a function of its spec and a site, which reports what is wrong and gives the step if it can
be made. A new kind is a function here, a line in `loading.BUILD` and a key in `spec.StepSpec`.
"""
