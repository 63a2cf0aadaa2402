"""Wiring of Django from the environment. Policy is rows; only deployment is here."""

from __future__ import annotations

import os
from pathlib import Path

from hueandcry.config.database import database
from hueandcry.config.environment import environment

ENVIRONMENT = environment(os.environ)
DATA: Path = ENVIRONMENT.data

SECRET_KEY = ENVIRONMENT.django_secret()
DEBUG = False
# Nothing here builds a URL from the Host header: peers are compared with the configured URL.
ALLOWED_HOSTS = ["*"]

DATABASES = {"default": database(ENVIRONMENT)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "members.Person"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "hueandcry.engine.store",
    "hueandcry.engine.jobs",
    "hueandcry.engine.ledger",
    "hueandcry.engine.policy",
    "hueandcry.engine.timeline",
    "hueandcry.engine.replies",
    "hueandcry.apps.members",
    "hueandcry.apps.peers",
    "hueandcry.apps.directory",
    "hueandcry.apps.signals",
    "hueandcry.apps.exchange",
    "hueandcry.apps.collections",
    "hueandcry.apps.webhooks",
    "hueandcry.doors.desk",
    "hueandcry.doors.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "hueandcry.doors.desk.frame.ContentSecurityPolicy",
    "hueandcry.doors.desk.frame.ReadersLanguage",
    "hueandcry.doors.web.throttle.PublicRate",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "hueandcry.config.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["hueandcry.doors.desk.frame.page"]},
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("th", "ไทย"), ("vi", "Tiếng Việt")]
LOCALE_PATHS = [Path(__file__).parents[1] / "doors" / "web" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
LANGUAGE_COOKIE_SAMESITE = "Lax"

LOGGING_CONFIG = None
