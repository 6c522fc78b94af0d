"""Which imported line became which row, so that importing a file twice changes nothing."""

from __future__ import annotations

from django.db import models


class ImportRef(models.Model):
    kind = models.CharField(max_length=20)
    ref = models.CharField(max_length=200)
    object_id = models.BigIntegerField()
    digest = models.CharField(max_length=64, help_text="Hash of the line, to know whether it has changed.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "ref"], name="import_ref_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"
