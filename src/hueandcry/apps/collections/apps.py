from django.apps import AppConfig


class CollectionsConfig(AppConfig):
    name = "hueandcry.apps.collections"
    label = "collections"
