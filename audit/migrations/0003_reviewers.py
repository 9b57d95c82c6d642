"""The group that may use the review desk."""

from django.db import migrations

RIGHTS = {
    "review_auditentry": "Can review audit entries",
    "view_auditentry": "Can view audit entry",
}


def make_reviewers(apps, schema_editor):
    using = schema_editor.connection.alias
    content_type, _ = (
        apps.get_model("contenttypes", "ContentType")
        .objects.using(using)
        .get_or_create(app_label="audit", model="auditentry")
    )
    permissions = apps.get_model("auth", "Permission").objects.using(using)
    # Django makes permissions only after the last migration: on a new database they
    # are not there yet.
    rights = [
        permissions.get_or_create(
            content_type=content_type, codename=codename, defaults={"name": name}
        )[0]
        for codename, name in RIGHTS.items()
    ]
    group, _ = (
        apps.get_model("auth", "Group")
        .objects.using(using)
        .get_or_create(name="Reviewers")
    )
    group.permissions.add(*rights)


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_guards"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_reviewers, migrations.RunPython.noop)]
