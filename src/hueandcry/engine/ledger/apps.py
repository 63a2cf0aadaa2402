from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "hueandcry.engine.ledger"
    label = "ledger"
