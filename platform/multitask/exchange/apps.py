from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "multitask.exchange"
    label = "exchange"
    verbose_name = "Exchange"
