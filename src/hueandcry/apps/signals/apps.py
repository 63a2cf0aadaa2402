from django.apps import AppConfig


class SignalsConfig(AppConfig):
    name = "hueandcry.apps.signals"
    label = "signals"
