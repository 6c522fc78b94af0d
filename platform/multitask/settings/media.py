"""Where uploaded files are kept: a folder, or an S3-compatible object store."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from multitask.settings import env

STATIC_FILES = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PRIVATE_SECONDS = 60


def storages_config(kind: str, root: Path) -> dict[str, dict[str, Any]]:
    """Django's STORAGES: `default` for what anyone may see, `private` for what a permission check guards.

    Raises ImproperlyConfigured where `kind` is s3 and no bucket is named or the extra is not installed.
    """
    bucket = env.text("S3_BUCKET", "", "Bucket of uploaded files, with MEDIA_STORAGE=s3; private.")
    endpoint = env.text("S3_ENDPOINT", "", "Address of an S3-compatible store; empty: Amazon's own.")
    region = env.text("S3_REGION", "", "Region of the bucket.")
    key = env.text("S3_ACCESS_KEY", "", "Access key; empty: what the machine itself is allowed.")
    secret = env.text("S3_SECRET_KEY", "", "Secret of the access key.")
    public_host = env.text(
        "S3_PUBLIC_HOST",
        "",
        "Host (and path) that serves the bucket's folder public/ to anyone. Empty: signed addresses of an hour.",
    )
    if kind == "local":
        return {
            "default": _local(root / "public"),
            "private": _local(root / "private"),
            "staticfiles": STATIC_FILES,
        }
    if not bucket:
        raise ImproperlyConfigured("MEDIA_STORAGE is s3: name the bucket in S3_BUCKET.")
    if find_spec("storages") is None or find_spec("boto3") is None:
        raise ImproperlyConfigured("MEDIA_STORAGE is s3: install the extra, pip install 'multitask[s3]'.")
    shared: dict[str, Any] = {
        "bucket_name": bucket,
        "endpoint_url": endpoint or None,
        "region_name": region or None,
        "access_key": key or None,
        "secret_key": secret or None,
        "default_acl": None,
        "file_overwrite": False,
        "signature_version": "s3v4",
    }
    public = shared | {"location": "public", "custom_domain": public_host or None}
    private = shared | {"location": "private", "querystring_expire": PRIVATE_SECONDS}
    return {
        "default": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": public | {"querystring_auth": not public_host},
        },
        "private": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": private},
        "staticfiles": STATIC_FILES,
    }


def _local(folder: Path) -> dict[str, Any]:
    return {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(folder)},
    }
