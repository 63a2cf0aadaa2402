from django.apps import AppConfig


class RepliesConfig(AppConfig):
    name = "hueandcry.engine.replies"
    label = "replies"
