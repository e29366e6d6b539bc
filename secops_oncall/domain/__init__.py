"""What on-call is about: frozen values and pure functions, without I/O and without a clock."""
