from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "hueandcry.doors.desk"
    label = "desk"
