from django.apps import AppConfig

from hueandcry.doors.desk import languages


class DeskConfig(AppConfig):
    name = "hueandcry.doors.desk"
    label = "desk"

    def ready(self) -> None:
        languages.introduce()
