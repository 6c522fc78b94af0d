"""The skills, and HNSW indexes over the vectors of the default model's 384 dimensions.

The vector column has no fixed dimension, so that a model of another size can be built beside the serving one; an
expression index over one size is what makes such a column searchable.
"""

import json
from pathlib import Path

from django.db import migrations

DATA = Path(__file__).resolve().parents[1] / "data" / "skills.json"


def load(apps, schema_editor):
    skill = apps.get_model("recommendations", "Skill")
    categories = dict(apps.get_model("tasks", "Category").objects.values_list("slug", "id"))
    for row in json.loads(DATA.read_text(encoding="utf-8")):
        values = {
            key: value for key, value in row.items() if key not in {"slug", "category"} and value is not None
        }
        values["category_id"] = categories[row["category"]]
        skill.objects.update_or_create(slug=row["slug"], defaults=values)


def hnsw(table):
    name = f"{table}_hnsw_384"
    return migrations.RunSQL(
        f"""
        CREATE INDEX {name} ON {table} USING hnsw ((vector::vector(384)) vector_cosine_ops)
        WHERE vector_dims(vector) = 384 AND readable
        """,
        f"DROP INDEX {name}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0002_relations"),
        ("tasks", "0002_categories_and_client_key"),
    ]

    operations = [
        hnsw("recommendations_taskvector"),
        hnsw("recommendations_profilevector"),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
