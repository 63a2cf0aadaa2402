from django.apps import AppConfig


class DeconflictionConfig(AppConfig):
    name = "hueandcry.apps.deconfliction"
    label = "deconfliction"
