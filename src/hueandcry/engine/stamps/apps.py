from django.apps import AppConfig


class StampsConfig(AppConfig):
    name = "hueandcry.engine.stamps"
    label = "stamps"
