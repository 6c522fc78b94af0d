"""Fill the searched words of who is there; drop what the former blacklist of tokens kept."""

from django.db import migrations, models

from ml.text import normalise


def fill(apps, schema_editor):
    user_model = apps.get_model("accounts", "User")
    changed = []
    for user in user_model.objects.only("username", "first_name", "last_name", "bio").iterator(
        chunk_size=500
    ):
        user.search_text = normalise(f"{user.username} {user.first_name} {user.last_name} {user.bio}")
        changed.append(user)
        if len(changed) == 500:
            user_model.objects.bulk_update(changed, ["search_text"])
            changed = []
    user_model.objects.bulk_update(changed, ["search_text"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_identity")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            "user",
            models.Index(
                fields=["-average_rating", "-total_reviews", "id"],
                name="user_best_rated",
                condition=models.Q(is_active=True),
            ),
        ),
        # The tables refer to users, and no app that is installed would ever empty them.
        migrations.RunSQL(
            [
                "DROP TABLE IF EXISTS token_blacklist_blacklistedtoken, token_blacklist_outstandingtoken",
                "DELETE FROM django_migrations WHERE app = 'token_blacklist'",
            ],
            migrations.RunSQL.noop,
        ),
    ]
