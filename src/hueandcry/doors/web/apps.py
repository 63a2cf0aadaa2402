from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "hueandcry.doors.web"
    label = "web"
