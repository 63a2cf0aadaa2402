from django.apps import AppConfig


class PurgeConfig(AppConfig):
    name = "hueandcry.engine.purge"
    label = "purge"
