from django.apps import AppConfig


class PolicyConfig(AppConfig):
    name = "hueandcry.engine.policy"
    label = "policy"
