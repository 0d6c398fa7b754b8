"""What the command line does without a screen: a module for each group of commands."""
