from importlib import import_module

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "hueandcry.doors.console"
    label = "console"

    def ready(self) -> None:
        import_module("hueandcry.doors.console.signals")
