"""A made-up day of calls, and what its figures are by the rules of design.md, "What the figures mean".

Written apart from the C code on purpose: the two must come to the same figures by different ways.
All people and numbers are synthetic.
"""
import datetime as dt
import hashlib
import random
from collections import namedtuple

Leg = namedtuple("Leg", "session from_name from_number to_name to_number result length handle start "
                        "direction queue")
Member = namedtuple("Member", "name email extension role")

MEMBERS = [Member("%s Example" % first, "%s@example.com" % first.lower(), str(101 + index), role)
           for index, (first, role) in enumerate([
               ("Alice", "owner"), ("Bob", "key_employee"), ("Carol", "manager"), ("Dave", "staff"),
               ("Erin", "staff"), ("Frank", "staff"), ("Grace", "staff"), ("Heidi", "staff"),
               ("Ivan", "staff")])]
STRANGER = Member("Zoe Stranger", "zoe@example.net", "901", "staff")
QUEUES = ["Main Line", "Claims - Auto", "Sales"]
CALLERS = ["JANE CALLER", "WIRELESS CALLER", "SAMPLE ROOFING", "J O'SAMPLE", "", "TEST & SONS"]

ANSWERED = {"Answered", "Connected", "Accepted", "Call connected", "Completed"}
MISSED = {"Missed", "VM/Missed", "Voicemail", "No Answer", "Refused", "Rejected", "Abandoned",
          "VM/Abandoned"}
DIRECTIONS = {"Inbound": "Inbound", "Outbound": "Outbound", "Internal": "Internal",
              "Ring out": "Outbound", "Call out": "Outbound"}


def number_of(member):
    return "(555) 010-0%03d" % (int(member.extension) % 1000)


class Day:
    """Makes the legs of one day. The same seed, date, members and number of rows: the same legs."""

    # (weight, maker, may be cut to one leg)
    def __init__(self, date, seed, members, strangers=True):
        self.date, self.members = date, members
        self.random = random.Random("%s/%s" % (seed, date))
        self.prefix = int(hashlib.sha256(("%s/%s" % (seed, date)).encode()).hexdigest(), 16) % 1000000
        self.count = 0
        self.makers = [(40, self.outbound), (12, self.not_connected), (14, self.inbound),
                       (8, self.queue), (5, self.voicemail), (4, self.missed), (5, self.internal),
                       (3, self.ivr), (3, self.ring_out), (2, self.queue_missed), (2, self.abandoned),
                       (2, self.call_out), (1, self.park), (1, self.transfer)]
        if strangers:
            self.makers.append((2, self.stranger))

    def session(self):
        self.count += 1
        return "4%06d%06d" % (self.prefix, self.count)

    def start(self):
        if self.random.random() < 0.15:
            second = self.random.randrange(19 * 3600, 23 * 3600)
        else:
            second = self.random.randrange(8 * 3600, 18 * 3600)
        return dt.datetime.combine(self.date, dt.time()) + dt.timedelta(seconds=second)

    def talk(self):
        return 1 + int(self.random.expovariate(1 / 180))

    def outside(self):
        return self.random.choice(CALLERS), "(555) 010-0%03d" % self.random.randrange(200, 900)

    def member(self):
        return self.random.choice(self.members)

    def leg(self, agent, result, length, handle, direction, queue="", session=None, start=None,
            outside=None):
        name, number = outside or self.outside()
        if queue:
            name = "%s - %s" % (queue, name) if name else queue
        mine = (agent.name, number_of(agent)) if agent else ("", "(555) 010-0100")
        if DIRECTIONS[direction] == "Outbound":
            ends = mine + ("", number)
        else:
            ends = (name, number) + mine
        return Leg(session or self.session(), *ends, result, length, handle, start or self.start(),
                   direction, queue)

    def outbound(self):
        talk = self.talk()
        handle = talk if self.random.random() < 0.9 else None
        return [self.leg(self.member(), "Connected", talk + self.random.randrange(3, 30), handle, "Outbound")]

    def not_connected(self):
        return [self.leg(self.member(), "Not Connected", self.random.randrange(5, 40), None, "Outbound")]

    def ring_out(self):
        talk = self.talk()
        return [self.leg(self.member(), "Connected", talk + 12, talk, "Ring out")]

    def call_out(self):
        return [self.leg(self.member(), "Call connected", self.talk(), None, "Call out")]

    def inbound(self):
        talk = self.talk()
        return [self.leg(self.member(), "Answered", talk + self.random.randrange(2, 20), talk, "Inbound")]

    def missed(self):
        return [self.leg(self.member(), "Missed", self.random.randrange(5, 40), None, "Inbound")]

    def voicemail(self):
        return [self.leg(self.member(), "VM/Missed", self.random.randrange(20, 90), None, "Inbound")]

    def ivr(self):
        return [self.leg(None, "IVR/Answered", self.random.randrange(5, 60), None, "Inbound")]

    def abandoned(self):
        return [self.leg(None, "Abandoned", self.random.randrange(5, 60), None, "Inbound",
                         queue=self.random.choice(QUEUES))]

    def park(self):
        return [self.leg(self.member(), "Park Off", self.random.randrange(5, 60), None, "Inbound")]

    def stranger(self):
        talk = self.talk()
        return [self.leg(STRANGER, "Answered", talk + 8, talk, "Inbound")]

    def queue_legs(self, answered):
        queue, outside = self.random.choice(QUEUES), self.outside()
        session, start = self.session(), self.start()
        agents = self.random.sample(self.members, min(len(self.members), self.random.randrange(2, 5)))
        talk, ring = self.talk(), self.random.randrange(4, 30)
        legs = []
        for index, agent in enumerate(agents):
            took = answered and index == 0
            result = "Answered" if took else "Missed"
            if not answered and index == 0:
                result = "VM/Missed"
            legs.append(self.leg(agent, result, talk + ring if took else ring, talk if took else None,
                                 "Inbound", queue, session, start, outside))
        return legs

    def queue(self):
        return self.queue_legs(True)

    def queue_missed(self):
        return self.queue_legs(False)

    def internal(self):
        one, two = self.random.sample(self.members, 2) if len(self.members) > 1 else self.members * 2
        talk = self.talk()
        return [Leg(self.session(), one.name, number_of(one), two.name, "62264%s" % two.extension,
                    "Answered", talk + 5, talk, self.start(), "Internal", "")]

    def transfer(self):
        """Answered by one, who asks another: the second leg is internal and counts for nobody."""
        first = self.inbound()[0]
        talk = self.talk()
        other = self.member()
        return [first, Leg(first.session, first.to_name, first.to_number, other.name,
                           "62264%s" % other.extension, "Answered", talk + 5, talk,
                           first.start + dt.timedelta(seconds=first.length), "Internal", "")]

    def legs(self, rows):
        """`rows` legs, by start; about one row in a hundred is there twice (one at least from 20)."""
        twice = 0 if rows < 20 else max(1, rows // 100)
        wanted, out = rows - twice, []
        weights = [weight for weight, _ in self.makers]
        pending = [maker for _, maker in self.makers]
        while len(out) < wanted:
            maker = pending.pop(0) if pending else self.random.choices(self.makers, weights)[0][1]
            made = maker()
            out += made if len(out) + len(made) <= wanted else self.outbound()
        out += [self.random.choice(out) for _ in range(twice)]
        return sorted(out, key=lambda leg: (leg.start, leg.session))


def best(values):
    return "answered" if "answered" in values else "missed" if "missed" in values else None


def outcome(leg):
    if leg.result in ANSWERED or (leg.handle or 0) > 0:
        return "answered"
    if leg.result in MISSED and DIRECTIONS.get(leg.direction) == "Inbound":
        return "missed"
    return None


def talk_of(leg):
    direction = DIRECTIONS.get(leg.direction)
    if leg.handle is not None:
        return leg.handle
    if direction == "Outbound" and outcome(leg) == "answered":
        return leg.length
    return None


def overall_direction(legs):
    found = {DIRECTIONS.get(leg.direction) for leg in legs}
    return next((d for d in ("Inbound", "Outbound", "Internal") if d in found), None)


def agent_of(leg):
    return leg.from_name if DIRECTIONS.get(leg.direction) == "Outbound" else leg.to_name


def figures_of(sessions):
    """Figures of a list of (list of legs), internal legs already gone."""
    directions = [overall_direction(legs) for legs in sessions]
    outcomes = [best({outcome(leg) for leg in legs}) for legs in sessions]
    talks = [talk_of(leg) for legs in sessions for leg in legs]
    known = [talk for talk in talks if talk is not None]
    return {"total": len(sessions), "inbound": directions.count("Inbound"),
            "outbound": directions.count("Outbound"), "answered": outcomes.count("answered"),
            "missed": outcomes.count("missed"),
            "talk_seconds": sum(known) if known or "answered" not in outcomes else None}


def group(legs):
    sessions = {}
    for leg in legs:
        sessions.setdefault(leg.session, []).append(leg)
    return list(sessions.values())


def expected(rows, members):
    """What must come out of a Calls sheet with these rows: of the report, per member, of the agency."""
    unique = list(dict.fromkeys(rows))
    sessions = group(unique)
    outer = [legs for legs in sessions if overall_direction(legs) != "Internal"]
    outer_legs = [[leg for leg in legs if DIRECTIONS.get(leg.direction) != "Internal"] for legs in outer]
    names = {member.name for member in members}
    of_member = {}
    for member in members:
        own = [[leg for leg in legs if agent_of(leg) == member.name] for legs in outer_legs]
        of_member[member.name] = figures_of([legs for legs in own if legs])
    counted = [legs for legs in outer_legs if {agent_of(leg) for leg in legs} & names
               or not any(agent_of(leg) for leg in legs)]
    agency = figures_of(counted)
    talks = [figures["talk_seconds"] for figures in of_member.values()]
    agency["talk_seconds"] = None if None in talks else sum(talks)
    agency["unmatched"] = len(outer_legs) - len(counted)
    return {
        "rows": len(rows), "legs": len(unique), "duplicates": len(rows) - len(unique),
        "internal": sum(DIRECTIONS.get(leg.direction) == "Internal" for leg in unique),
        "sessions": len(outer), "all_sessions": len(sessions),
        "inbound": [overall_direction(legs) for legs in outer].count("Inbound"),
        "outbound": [overall_direction(legs) for legs in outer].count("Outbound"),
        "seconds": sum(leg.length for leg in unique),
        "agency": agency, "members": of_member,
    }
