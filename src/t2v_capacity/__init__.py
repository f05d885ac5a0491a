"""t2v-cap turns a YAML file of assumptions about a text-to-video service into a capacity plan."""

__version__ = "0.1.0"
# The date of every answer whose scenario gives none: the same input gives the same output for ever.
RELEASED = "2026-11-24"
