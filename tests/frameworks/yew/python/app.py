"""A greeting."""


def greet(name: str) -> str:
    """Greet somebody."""
    return f"Hello, {name}, from Python"


if __name__ == "__main__":
    print(greet("Ada"))  # what the build traces
