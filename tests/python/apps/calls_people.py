"""Invented people and companies: faker, whose providers and locales are plugins."""

REQUIRES = ["faker==40.63.0", "pillow==12.2.0", "tzdata==2025.3"]

FILES = {
    "app.py": """from faker import Faker


def faker(*locales):
    made = Faker(list(locales) or None)
    made.seed_instance(5)
    return made


if __name__ == "__main__":
    print(faker().name())
"""
}

CALLS: list[tuple[str, str]] = [
    (
        "people of other countries",
        """import app
for locale in ("de_DE", "ja_JP", "ar_EG", "pt_BR", "uk_UA"):
    f = app.faker(locale)
    print(f.name(), f.address(), f.phone_number(), f.company())
""",
    ),
    (
        "people of several countries",
        """import app
f = app.faker("it_IT", "en_GB", "fr_FR")
print([f.name() for _ in range(5)], f.locales, f["fr_FR"].city(), f.weights)
print([locale for locale, _ in f.items()])
""",
    ),
    (
        "people profiles",
        """import app

f = app.faker("nl_NL")
profile = f.profile(
    fields=["job", "company", "ssn", "residence", "username", "name", "sex", "mail"]
)
print(profile, f.simple_profile()["name"])
""",
    ),
    (
        "people banks and cars",
        """import app

f = app.faker()
print(f.iban(), f.swift(), f.credit_card_full("visa"), f.credit_card_provider(), f.bban())
print(
    app.faker("de_AT").license_plate(), f.vin(), f.ean(13), f.isbn13(), f.currency(), f.pricetag()
)
""",
    ),
    (
        "people texts",
        """import app

f = app.faker("la")
print(f.sentence(), f.paragraph(2), app.faker("cs_CZ").text(60), app.faker("zh_CN").text(40))
print(
    app.faker("en_US").catch_phrase(),
    app.faker("en_US").bs(),
    f.words(3, ["a", "b"], unique=False),
)
""",
    ),
    (
        "people files and networks",
        """import app

f = app.faker()
print(f.file_path(depth=2), f.mime_type(), f.ipv4_private(), f.ipv6(), f.mac_address(), f.url())
print(
    f.linux_platform_token(),
    f.slug(),
    f.uri(),
    f.ascii_safe_email(),
    f.password(length=12),
    f.uuid4(),
)
print(
    f.json(data_columns={"a": "pyint", "b": ["word"]}, num_rows=2),
    f.csv(num_rows=2),
    f.psv(num_rows=1),
)
""",
    ),
    (
        "people dates and places",
        """import app, datetime
f = app.faker("es_MX")
day = datetime.date(2024, 1, 1)
print(f.date_between_dates(day, datetime.date(2024, 12, 31)), f.month_name(), f.timezone())
print(f.location_on_land(), f.local_latlng("DE"), f.country(), f.country_code(), f.color("red"))
print(f.date_time_ad(end_datetime=day, tzinfo=datetime.timezone.utc), f.century(), f.emoji())
""",
    ),
    (
        "people errors",
        """import app
f = app.faker()
for wrong in (lambda: f.nothing(), lambda: app.faker("xx_XX"), lambda: f.format("a_b"),
        lambda: [f.unique.boolean() for _ in range(3)], lambda: f.enum(int)):
    try:
        print(wrong())
    except Exception as error:
        print(type(error).__mro__[0].__name__, error)
""",
    ),
    (
        "people from the command line",
        """from faker.cli import Command

for line in (
    ["faker", "--seed=3", "-l", "pl_PL", "address"],
    ["faker", "--seed=3", "-r=2", "-s=;", "color"],
    ["faker", "--help"],
    ["faker", "-l", "xx"],
    ["faker", "--seed=3", "faker.providers.barcode"],
):
    try:
        Command(line).execute()
    except (SystemExit, Exception) as error:
        print(type(error).__name__, error)
""",
    ),
    (
        "people documentation",
        """import app
from faker import documentor, providers
f = app.faker("sv_SE")
docs = documentor.Documentor(f["sv_SE"])
for provider in f["sv_SE"].providers[:4]:
    found = docs.get_provider_formatters(provider, with_args=True)
    print(documentor.Documentor.get_provider_name(provider), list(found.items())[:2])
print(str(providers.BaseProvider.bothify.__doc__).strip().splitlines()[0], f.__class__.__doc__)
""",
    ),
]
