"""Coming in: the sign-in dialog, and the code that enrols a device."""
