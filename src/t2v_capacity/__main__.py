"""Where the program starts: `t2v-cap`, or `python -m t2v_capacity`."""

import gc
import os
import sys

# Python looks for garbage in cycles after every 700 new objects. A start makes a hundred thousand and a check of 300
# scenarios more than 200,000, nearly all to stay.
_NEW_OBJECTS = 1_000_000


def main() -> None:
    """Run the program and exit with its code.

    Raise the threshold of garbage collection, which took 3% of a start (docs/decisions/0007-start-up.md).
    """
    gc.set_threshold(_NEW_OBJECTS)
    os.environ.setdefault(
        "PYDANTIC_DISABLE_PLUGINS", "__all__"
    )  # else Pydantic reads what every installed package offers, 2% of a start
    os.environ.setdefault(
        "OPENBLAS_NUM_THREADS", "1"
    )  # no matrix is multiplied, and numpy's threads wait busily: 9% of 100,000 draws
    try:
        from t2v_capacity.cli import app  # imports nearly all that a start does, so the threshold comes first
    except KeyboardInterrupt:
        sys.exit(130)
    app.main()


if __name__ == "__main__":
    main()
