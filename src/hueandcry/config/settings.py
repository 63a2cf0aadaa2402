"""Wiring of Django from the environment. Policy is rows; only deployment is here."""

from __future__ import annotations

import os
from pathlib import Path

from hueandcry.config import oidc
from hueandcry.config.database import database
from hueandcry.config.environment import environment

ENVIRONMENT = environment(os.environ)
DATA: Path = ENVIRONMENT.data
#: Time-stamping authorities (RFC 3161), by address.
AUTHORITIES = ENVIRONMENT.authorities
#: A program of the operator that captures web pages; none is asked where it is empty.
CAPTURE = ENVIRONMENT.capture

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
    "django.contrib.messages",
    "hueandcry.engine.store",
    "hueandcry.engine.jobs",
    "hueandcry.engine.ledger",
    "hueandcry.engine.policy",
    "hueandcry.engine.backup",
    "hueandcry.engine.purge",
    "hueandcry.engine.timeline",
    "hueandcry.engine.replies",
    "hueandcry.engine.blobs",
    "hueandcry.engine.stamps",
    "hueandcry.apps.members",
    "hueandcry.apps.peers",
    "hueandcry.apps.directory",
    "hueandcry.apps.evidence",
    "hueandcry.apps.signals",
    "hueandcry.apps.reports",
    "hueandcry.apps.cooperation",
    "hueandcry.apps.duty",
    "hueandcry.apps.deconfliction",
    "hueandcry.apps.exchange",
    "hueandcry.apps.collections",
    "hueandcry.apps.sources",
    "hueandcry.apps.webhooks",
    "hueandcry.doors.desk",
    "hueandcry.doors.web",
    # Before allauth: its templates are replaced by ours of the same names.
    "hueandcry.doors.console",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]

#: Rows that no backup holds: who works at what just now, who is signed in, which calls were seen.
BACKUP_WITHOUT = ("jobs.lease", "peers.nonce", "desk.session")

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "hueandcry.doors.desk.frame.ContentSecurityPolicy",
    "hueandcry.doors.console.gate.Origin",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "hueandcry.doors.desk.frame.ReadersLanguage",
    "hueandcry.doors.web.throttle.PublicRate",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "hueandcry.doors.console.gate.BoundSession",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "hueandcry.doors.console.gate.SecondFactor",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

FRAMES = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
    "hueandcry.doors.desk.frame.page",
    "hueandcry.doors.console.frame.console",
]
ROOT_URLCONF = "hueandcry.config.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": FRAMES},
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("th", "ไทย"),
    ("vi", "Tiếng Việt"),
    ("id", "Bahasa Indonesia"),
    ("ms", "Bahasa Melayu"),
    ("km", "ខ្មែរ"),
    ("lo", "ລາວ"),
    ("my", "မြန်မာ"),
    ("fil", "Filipino"),
    ("zh-hans", "简体中文"),
]
#: The console is translated into fewer.
STAFF_LANGUAGES = LANGUAGES[:3]
LOCALE_PATHS = [
    Path(__file__).parents[1] / "doors" / door / "locale" for door in ("web", "console")
]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"

# Only the console has sessions and forms that change anything: its cookies are sent nowhere else.
SESSION_ENGINE = "hueandcry.doors.console.sessions"
SESSION_COOKIE_NAME = "hueandcry_console"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = "/console/"
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_FAILURE_VIEW = "hueandcry.doors.console.errors.forged"
CSRF_COOKIE_NAME = "hueandcry_csrf"
CSRF_COOKIE_AGE = None
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
LANGUAGE_COOKIE_SAMESITE = "Lax"

# Signing in: allauth, without sign-up, mail or anything that lets a second factor be skipped.
AUTHENTICATION_BACKENDS = ["hueandcry.doors.console.signin.ByLogin"]
# What allauth counts: attempts, and codes that were used.
CACHES = {"default": {"BACKEND": "hueandcry.doors.desk.cache.RowsCache"}}
ACCOUNT_RATE_LIMITS = {"login": "", "login_failed": "20/m/ip,5/300s/key"}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "console:start"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "hueandcry.doors.console.signin.Accounts"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_FORMS = {
    "login": "hueandcry.doors.console.signin_forms.SignIn",
    "reauthenticate": "hueandcry.doors.console.signin_forms.Again",
    "change_password": "hueandcry.doors.console.signin_forms.OwnPassword",
}
MFA_FORMS = {
    "authenticate": "hueandcry.doors.console.signin_forms.Code",
    "reauthenticate": "hueandcry.doors.console.signin_forms.CodeAgain",
    "activate_totp": "hueandcry.doors.console.signin_forms.FirstCode",
    "add_webauthn": "hueandcry.doors.console.signin_forms.NewKey",
    "edit_webauthn": "hueandcry.doors.console.signin_forms.RenamedKey",
}
# The organisation's identity provider, if the folder names one: never in place of a factor.
OIDC = oidc.provider(DATA)
SOCIALACCOUNT_PROVIDERS = oidc.socialaccount(OIDC)
SOCIALACCOUNT_ADAPTER = "hueandcry.doors.console.oidc.Providers"
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
MFA_ADAPTER = "hueandcry.doors.console.signin.Factors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_TOLERANCE = 1
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("login", "name")},
    },
]

LOGGING_CONFIG = None
