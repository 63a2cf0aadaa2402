from django.apps import AppConfig


class PeersConfig(AppConfig):
    name = "hueandcry.apps.peers"
    label = "peers"
