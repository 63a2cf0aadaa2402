"""`python -m hueandcry.doors.api`: writes docs/api.md anew from the table."""

from __future__ import annotations

import os
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hueandcry.config.settings")
django.setup()

from hueandcry.doors.api.pages import markdown
from hueandcry.doors.api.table import ENDPOINTS

if __name__ == "__main__":
    page = Path(__file__).resolve().parents[4] / "docs" / "api.md"
    page.write_text(markdown(ENDPOINTS), encoding="utf-8")
