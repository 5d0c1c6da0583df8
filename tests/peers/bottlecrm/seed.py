"""Run by BottleCRM's own Python: an organisation with an administrator; prints their token."""

import django
from django.db import connection

django.setup()

from common.models import Org, PersonalAccessToken, Profile, User  # noqa: E402

org = Org.objects.create(name="Halny", default_currency="PLN")
with connection.cursor() as cursor:
    cursor.execute("SELECT set_config('app.current_org', %s, false)", [str(org.id)])
user = User.objects.create(email="bot@halny.example", is_active=True)
profile = Profile.objects.create(user=user, org=org, role="ADMIN", is_active=True)
print(PersonalAccessToken.generate(profile, "shopkeeper")[0])
