"""Finding out what is wrong: with the house (the doctor), and with one piece of work."""
