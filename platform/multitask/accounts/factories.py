"""People for tests. Rows only: use the services where events, lists and counters matter."""

from __future__ import annotations

import factory

from multitask.accounts.models import User, UserType

PASSWORD = "a-long-Passphrase-7"  # noqa: S105  (of people who exist in tests only)


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda number: f"person{number}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.com".lower())
    first_name = factory.Faker("first_name")
    last_name = factory.Faker("last_name")
    user_type = UserType.CLIENT
    language = "ar"
    city = "القاهرة"
    phone_number = factory.Sequence(lambda number: f"+2010{number:08d}")
    password = factory.django.Password(PASSWORD)


class ClientFactory(UserFactory):
    user_type = UserType.CLIENT


class FreelancerFactory(UserFactory):
    user_type = UserType.FREELANCER


class BothFactory(UserFactory):
    user_type = UserType.BOTH


class AdminFactory(UserFactory):
    user_type = UserType.ADMIN
    is_staff = True
    is_superuser = True
