"""An address is claimed until it is proved: unique among those who own it alone."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_city_key")]

    operations = [
        migrations.RemoveConstraint("user", "user_email_unique_any_case"),
        migrations.AlterField(
            "user",
            "email",
            models.EmailField(
                blank=True,
                help_text="The address this account owns: nobody else does.",
                max_length=254,
                verbose_name="e-mail",
            ),
        ),
        migrations.AddField(
            "user",
            "pending_email",
            models.EmailField(
                blank=True,
                db_default="",
                default="",
                help_text="The address it claims: given last, and its own once it is proved.",
                max_length=254,
            ),
        ),
        migrations.AlterField(
            "user",
            "is_verified",
            models.BooleanField(default=False, help_text="Whether the e-mail address it owns is proved."),
        ),
        migrations.AddIndex(
            "user",
            models.Index(Lower("pending_email"), name="user_claims", condition=~models.Q(pending_email="")),
        ),
        migrations.AddConstraint(
            "user",
            models.UniqueConstraint(
                Lower("email"), name="user_email_unique_any_case", condition=~models.Q(email="")
            ),
        ),
        migrations.CreateModel(
            "FormerAddress",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail")),
                ("replaced_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_addresses",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "former addresses",
                "indexes": [models.Index(fields=["replaced_at"], name="former_address_replaced")],
            },
        ),
    ]
