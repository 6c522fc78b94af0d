"""Private files, for operators who may look at any."""

from __future__ import annotations

from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from multitask.common.admin import ReadOnlyAdmin
from multitask.common.errors import NotFound
from multitask.common.text import words
from multitask.files.models import StoredFile
from multitask.files.selectors.files import access_file
from multitask.files.serving import file_response


@admin.register(StoredFile)
class StoredFileAdmin(ReadOnlyAdmin):
    list_display = ("name", "owner", "content_type", "size", "attached_at", "created_at")
    list_filter = ("content_type", ("attached_at", admin.EmptyFieldListFilter), "created_at")
    search_fields = ("=id", "name", "owner__username")
    date_hierarchy = "created_at"
    list_select_related = ("owner",)
    exclude = ("file",)
    readonly_fields = ("download",)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.download_view)
        return [path("<uuid:file_id>/download/", view, name="files_storedfile_download"), *super().get_urls()]

    @admin.display(description=words("download", "تنزيل"))
    def download(self, stored: StoredFile) -> str:
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:files_storedfile_download", args=[stored.pk]), stored.name
        )

    def download_view(self, request: HttpRequest, file_id: UUID) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            stored = access_file(actor=request.user, file_id=file_id)
        except NotFound as error:
            raise Http404 from error
        return file_response(
            request,
            name=str(stored.file.name),
            storage="private",
            content_type=stored.content_type,
            shown=stored.name,
        )
