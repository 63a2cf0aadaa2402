from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "hueandcry.apps.evidence"
    label = "evidence"
