"""Numbers as a sentence has them, and the word for what they count: one of it has no s."""


def plain_number(x: float) -> str:
    """Points as people write them.

    >>> plain_number(2.0), plain_number(1.5), plain_number(2 / 3)
    ('2', '1.5', '0.67')
    """
    return f"{x:.2f}".rstrip("0").rstrip(".")


def s(x: float) -> str:
    """What a word ends with behind a number.

    >>> f"submission{s(1)}", f"submission{s(0)}"
    ('submission', 'submissions')
    """
    return "" if plain_number(x) == "1" else "s"


def counted(x: float, word: str) -> str:
    """A number with its word.

    >>> counted(1.0, "point"), counted(1.5, "point")
    ('1 point', '1.5 points')
    """
    return f"{plain_number(x)} {word}{s(x)}"
