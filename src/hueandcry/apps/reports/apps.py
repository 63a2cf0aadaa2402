from django.apps import AppConfig
from django.conf import settings

from hueandcry.apps.detection import face as detection


class ReportsConfig(AppConfig):
    name = "hueandcry.apps.reports"
    label = "reports"

    def ready(self) -> None:
        detection.watch_folder(settings.DATA / "models")
