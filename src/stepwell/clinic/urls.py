"""Which screen answers which address."""

from django.urls import include, path

urlpatterns = [
    path("team/", include("stepwell.clinic.team.urls")),
    path("", include("stepwell.clinic.person.urls")),
]
