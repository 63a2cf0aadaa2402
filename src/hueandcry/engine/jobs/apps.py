from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "hueandcry.engine.jobs"
    label = "jobs"
