from django.apps import AppConfig


class BackupConfig(AppConfig):
    name = "hueandcry.engine.backup"
    label = "backup"
