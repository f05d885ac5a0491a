"""The words of the program: assumptions, choices and figures by name, and quantities as people write them."""
