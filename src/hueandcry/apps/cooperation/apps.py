from django.apps import AppConfig


class CooperationConfig(AppConfig):
    name = "hueandcry.apps.cooperation"
    label = "cooperation"
