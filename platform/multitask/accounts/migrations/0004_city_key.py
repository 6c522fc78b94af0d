"""One key for the spellings of a person's city, in both languages, and the index that lists a city's people."""

from django.db import migrations, models

from multitask.common.places import CityKeyField, city_keys_fill


def fill(apps, schema_editor):
    city_keys_fill(apps.get_model("accounts", "User"))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_words_and_old_tokens")]

    operations = [
        migrations.AddField("user", "city_key", CityKeyField()),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            "user",
            models.Index(
                fields=["city_key", "-average_rating", "-total_reviews", "id"],
                name="user_city_best_rated",
                condition=models.Q(is_active=True),
            ),
        ),
    ]
