from django.apps import AppConfig


class TimelineConfig(AppConfig):
    name = "hueandcry.engine.timeline"
    label = "timeline"
