"""`python -m valuestream`: the command, where no script of its name is on the path."""

from valuestream import main

main()
