from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "hueandcry.apps.webhooks"
    label = "webhooks"
