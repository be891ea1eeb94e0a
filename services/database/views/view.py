"""What one documented view is: its name, the question that it answers and its statement."""

from dataclasses import dataclass


@dataclass(frozen=True)
class View:
    """`question` becomes the view's comment and is what the SQL page lists beside its name."""

    name: str
    question: str
    select: str
