"""``python -m stargazer.cli`` is the command ``stargazer``."""

from stargazer.cli import main

main()
