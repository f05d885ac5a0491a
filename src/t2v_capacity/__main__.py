"""Where the program starts: `t2v-cap`, or `python -m t2v_capacity`."""

import sys


def main() -> None:
    """Run the program and exit with its code."""
    try:
        from t2v_capacity.cli import app  # imports nearly all that a start does, so that an interrupt there ends quietly too
    except KeyboardInterrupt:
        sys.exit(130)
    app.main()


if __name__ == "__main__":
    main()
