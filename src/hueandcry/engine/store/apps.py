from django.apps import AppConfig


class StoreConfig(AppConfig):
    name = "hueandcry.engine.store"
    label = "store"
