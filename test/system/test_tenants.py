"""Two agencies with the same session ids, names, extensions and phones never meet, in any command."""
import datetime as dt

import books
from test_ctl import NOUSER, fails, place  # noqa: F401
from test_figures import csv, site_with

DAY = str(books.DAY)
ANN, BOB = books.MEMBERS[:2]


def reports():
    legs = [books.leg(1000000000001, ANN), books.leg(1000000000002, "Yuri Stranger", when="11:00:00"),
            books.leg(1000000000003, BOB, direction="Inbound", result="Missed", handle=None, when="12:00:00")]
    return books.calls(legs), books.users([books.user_row(ANN, 1, 2, 130)])


def everything(place, agency):
    """All that callmxctl tells of an agency."""
    last = str(books.DAY + dt.timedelta(days=2))
    asked = [("agency", "show", agency.name), ("key", "list", agency.name), ("member", "list", agency.name),
             ("member", "aliases", agency.name), ("contact", "list", agency.name),
             ("metrics", agency.name, "--from", DAY, "--to", last), ("calls", agency.name, "--date", DAY),
             ("unmatched", agency.name), ("log", agency.name), ("rings", agency.name, "--date", DAY),
             ("why", agency.name, ANN.name, "--date", DAY), ("reconcile", agency.name, "--date", DAY),
             ("coverage", agency.name, "--from", DAY, "--to", last), ("verify", agency.name),
             ("voip", "list", agency.name), ("token", "list", agency.name)]
    return {command[:2]: place.json(*command) for command in asked} | {
        "contact": place.json("contact", "show", agency.name, "Dora Outside")["activities"]}


def add_dora(place, agency):
    place.ctl("contact", "import", agency.name,
              csv(place, "name,kind,phone\nDora Outside,customer,555-010-0200\n"))


def test_what_one_does_changes_nothing_of_the_other(place):
    one, two = site_with(place, *reports(), name="One"), site_with(place, *reports(), name="Two")
    add_dora(place, one)
    add_dora(place, two)
    before = everything(place, one)
    assert len(before["contact"]) == 3

    place.ctl("member", "alias", two.name, "Yuri Stranger", ANN.name)
    place.ctl("member", "add", two.name, "Somebody New", "--extension", "999")
    place.ctl("member", "import", two.name, csv(place, "name,email,status\n%s,,inactive\n" % BOB.name))
    place.ctl("contact", "import", two.name, csv(place, "name,kind,phone\nOther Outside,lead,555-010-0200\n"))
    place.ctl("sales", "import", two.name, csv(place, "date,member,items\n%s,%s,7\n" % (DAY, ANN.name)))
    place.ctl("target", "set", two.name, "--calls", "5")
    place.ctl("target", "set", two.name, ANN.name, "--talk", "5")
    place.ctl("agency", "expect", two.name, "--days", "all", "--from", DAY)
    place.ctl("key", "rotate", two.name)
    place.ctl("voip", "add", two.name, "ricochet")
    place.ctl("voip", "map", two.name, "ricochet", "id=CallID")
    place.ctl("voip", "disable", two.name, "ricochet")
    token = place.json("token", "add", two.name, "--role", "owner")
    place.keys.add(token["token"])
    fails(place, "token", "revoke", one.name, token["id"], code=NOUSER, says="there is no token")
    place.ctl("token", "revoke", two.name, token["id"])
    for entry in place.json("log", two.name):
        place.ctl("replay", entry["id"])
    assert everything(place, one) == before
    after = everything(place, two)
    assert after["contact"] == [] and after["rings", two.name]["members"][0]["sold_items"] == 7
    assert after["unmatched", two.name] == []


def test_names_and_ids_of_one_are_none_in_the_other(place):
    one = site_with(place, *reports(), name="One", members=[ANN])
    two = site_with(place, name="Two", members=[BOB])
    add_dora(place, one)
    ann = place.json("member", "list", one.name)[0]["id"]
    dora = place.json("contact", "list", one.name)[0]["id"]
    for word in (ann, ANN.name, ANN.email):
        fails(place, "why", two.name, word, "--date", DAY, code=NOUSER, says="there is no member")
        fails(place, "target", "set", two.name, word, "--calls", "5", code=NOUSER, says="there is no member")
        fails(place, "member", "alias", two.name, "X", word, code=65, says="there is no member")
        fails(place, "token", "add", two.name, "--role", "staff", "--member", word, code=65, says="there is no member")
    for word in (dora, "Dora Outside"):
        fails(place, "contact", "show", two.name, word, code=NOUSER, says="there is no contact")
    for command in (("calls",), ("unmatched",), ("log",), ("contact", "list"), ("member", "aliases"),
                    ("voip", "list"), ("token", "list")):
        assert place.json(*command, two.name) == []
