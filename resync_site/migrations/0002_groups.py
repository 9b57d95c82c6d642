"""The two groups of people: operators, and reviewers, who may do all that operators may."""

from django.db import migrations

OPERATORS = ["use_chat"]
GROUPS = {"Operators": OPERATORS, "Reviewers": OPERATORS}


def make_groups(apps, schema_editor):
    # Permissions are otherwise made after all migrations: too late for a group.
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    Group = apps.get_model("auth", "Group")
    kind, _ = ContentType.objects.get_or_create(
        app_label="agents", model="conversation"
    )
    for name, codenames in GROUPS.items():
        group, _ = Group.objects.get_or_create(name=name)
        for codename in codenames:
            permission, _ = Permission.objects.get_or_create(
                content_type=kind,
                codename=codename,
                defaults={"name": "Can ask the agents"},
            )
            group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("resync_site", "0001_initial"),
        ("agents", "0001_profiles_conversations_turns"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
