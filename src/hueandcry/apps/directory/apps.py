from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "hueandcry.apps.directory"
    label = "directory"
