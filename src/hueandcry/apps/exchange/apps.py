from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "hueandcry.apps.exchange"
    label = "exchange"
