from django.apps import AppConfig


class BlobsConfig(AppConfig):
    name = "hueandcry.engine.blobs"
    label = "blobs"
