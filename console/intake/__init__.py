"""One adapter a format: what people have as files becomes the city package.

Reading is forgiving about rows and objects (each one left out is counted with its reason, see
`console.intake.report`) and strict about files: one that cannot be taken raises `IntakeError` and
leaves the package as it was.
"""
