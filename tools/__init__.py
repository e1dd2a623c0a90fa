"""Commands for those who keep the kit: a class to try the grader on."""
