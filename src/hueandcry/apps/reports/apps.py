from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "hueandcry.apps.reports"
    label = "reports"
