from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from multitask.accounts.models import User


@admin.register(User)
class PersonAdmin(UserAdmin):
    list_display = ("username", "email", "user_type", "city", "average_rating", "is_active", "created_at")
    list_filter = ("user_type", "is_active", "is_staff", "language", "city")
    search_fields = ("username", "email", "first_name", "last_name")
    readonly_fields = (
        "average_rating",
        "total_reviews",
        "created_at",
        "updated_at",
        "last_login",
        "date_joined",
    )
    fieldsets = (
        *(UserAdmin.fieldsets or ()),
        (
            "Marketplace",
            {
                "fields": (
                    "user_type",
                    "language",
                    "bio",
                    "profile_picture",
                    "phone_number",
                    "city",
                    "country",
                    "is_verified",
                    "average_rating",
                    "total_reviews",
                )
            },
        ),
    )
    show_full_result_count = False
