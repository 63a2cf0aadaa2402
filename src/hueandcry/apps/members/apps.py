from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "hueandcry.apps.members"
    label = "members"
