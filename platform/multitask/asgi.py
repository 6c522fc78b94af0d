"""ASGI entry point: HTTP now, WebSockets beside it when there are some."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "multitask.settings.dev")

application = ProtocolTypeRouter({"http": get_asgi_application()})
