from importlib import import_module

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "hueandcry.doors.web"
    label = "web"

    def ready(self) -> None:
        import_module("hueandcry.doors.web.policy")
