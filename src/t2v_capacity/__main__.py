"""`python -m t2v_capacity` is the program."""

from t2v_capacity.commands.app import main

main()
