from django.apps import AppConfig


class DutyConfig(AppConfig):
    name = "hueandcry.apps.duty"
    label = "duty"
