"""When a rating was given and in what words; most memories have none."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('memory', '0003_semantic_index'),
    ]

    operations = [
        migrations.AddField(
            model_name='memory',
            name='rated_at',
            field=models.DateTimeField(blank=True, editable=False, help_text='When the rating last changed, or was taken back.', null=True),
        ),
        migrations.AddField(
            model_name='memory',
            name='rating_comment',
            field=models.CharField(blank=True, db_default='', default='', help_text="What was wrong with it, in the user's words.", max_length=500),
        ),
        migrations.AddIndex(
            model_name='memory',
            index=models.Index(condition=models.Q(('rating__isnull', False)), fields=['rating'], name='memory_rated'),
        ),
        migrations.AddConstraint(
            model_name='memory',
            constraint=models.CheckConstraint(condition=models.Q(('rating', None), models.Q(('rating__gte', 1), ('rating__lte', 5)), _connector='OR'), name='memory_rating_on_its_scale'),
        ),
    ]
