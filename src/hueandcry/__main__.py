"""`python -m hueandcry` is the `hueandcry` command."""

from hueandcry.doors.cli.main import run

if __name__ == "__main__":
    run()
