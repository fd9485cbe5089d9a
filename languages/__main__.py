"""`make words`: bring every catalogue up to date with the texts, and compile it."""

import os
import sys

import django


def main() -> int:
    """Print a line for each language; exit 1 where a safety text is translated and unread."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stepwell.clinic.settings")
    django.setup()
    from languages import catalogue, collect  # only with Django set up

    found = catalogue.entries(collect.for_the_person())
    for locale in catalogue.languages():
        made = catalogue.merged(locale, found)
        path, reviewed = catalogue.po(locale), bool(catalogue.review(locale)["reviewer"])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(catalogue.text_of(made))
        try:
            path.with_suffix(".mo").write_bytes(catalogue.compiled(made, reviewed=reviewed))
        except catalogue.NotReviewed as error:
            print(f"{locale}: {error}", file=sys.stderr)
            return 1
        print(
            f"{locale}: {len(catalogue.translated(made))} of {len(found)} texts, "
            f"{len(catalogue.missing(made))} to translate, the others stay English"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
