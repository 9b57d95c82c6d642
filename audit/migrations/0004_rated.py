"""A user's word is a line of the history, too."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0003_reviewers'),
    ]

    operations = [
        migrations.AlterField(
            model_name='decision',
            name='action',
            field=models.CharField(choices=[('passed', 'passed'), ('flagged', 'flagged'), ('quarantined', 'quarantined'), ('approved', 'approved'), ('rejected', 'rejected'), ('corrected', 'corrected'), ('reopened', 'reopened'), ('undone', 'undone'), ('rated', 'rated')], max_length=11),
        ),
    ]
