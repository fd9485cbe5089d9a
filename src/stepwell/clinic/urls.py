"""Which screen answers which address."""

from django.urls import include, path

from stepwell.clinic.team import evidence

urlpatterns = [
    path("evidence", evidence.evidence, name="evidence"),
    path("team/", include("stepwell.clinic.team.urls")),
    path("", include("stepwell.clinic.person.urls")),
]
