"""Data only: styles, icons, translations, response plans, scenarios."""
