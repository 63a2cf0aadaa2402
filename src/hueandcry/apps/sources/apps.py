from django.apps import AppConfig


class SourcesConfig(AppConfig):
    name = "hueandcry.apps.sources"
    label = "sources"
