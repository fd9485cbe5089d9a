"""The person's addresses. None of them, and no title, carries the name of a drug."""

from django.urls import include, path

from stepwell.clinic.person import check_in, me, mine, paper, phone, plan, rooms, show, start, views

person = [
    path("today/", views.today, name="today"),
    path("check-in/", check_in.check_in, name="check-in"),
    path("check-in/waited/", phone.queue, name="queue"),
    path("check-in/more/", check_in.more, name="more"),
    path("plan/", plan.plan, name="plan"),
    path("plan/agree/", plan.agree, name="agree"),
    path("plan/stop-now/", plan.stop_now, name="stop-now"),
    path("plan/hold/", plan.hold, name="hold"),
    path("plan/paper/", paper.paper, name="paper"),
    path("plan/sheet.pdf", paper.print_sheet, name="sheet"),
    path("plan/dates.ics", paper.plan_dates, name="dates"),
    path("plan/<str:kind>/", plan.act, name="act"),
    path("progress/", views.progress, name="progress"),
    path("me/", me.me, name="me"),
    path("me/who-looked/", me.who_looked, name="who-looked"),
    path("me/take/", mine.take, name="take"),
    path("me/take/<slug:kind>/", mine.export, name="export"),
    path("me/delete/", mine.ask_to_delete, name="delete"),
    path("me/delete/receipt.pdf", mine.receipt, name="receipt"),
    path("me/move/", mine.move, name="move"),
    path("show/", show.show, name="show"),
    path("show/write/", show.write, name="show-write"),
    path("learn/", rooms.learn, name="learn"),
    path("start/", start.start, name="start"),
    path("start/agreeing/", start.agreeing, name="agreeing"),
    path("start/questions/", start.questions, name="questions"),
    path("start/questions/<str:gate>/", start.question, name="question"),
    path("start/pattern/", start.pattern, name="pattern"),
    path("start/matters/", start.matters, name="matters"),
]

urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("hide/", views.hide, name="hide"),
    path("notes/", views.notes, name="notes"),
    path("look/", views.look, name="theme"),
    path("sw.js", phone.worker, name="worker"),
    path("manifest.webmanifest", phone.manifest, name="manifest"),
    path("offline/", phone.offline, name="offline"),
    path("help/", views.help_page, name="help"),
    path("help/now/", views.help_now, name="help-now"),
    path("help/ten-minutes/", rooms.ride_out, name="ride-out"),
    path("help/cramps/", rooms.pain, name="pain"),
    path("help/<slug:slug>/", views.help_door, name="help-door"),
    path("", include((person, "person"))),
]
