"""The labels that RingCentral's workbooks carry in the property UserLocale, in two languages, and reports
written with them. user_locale(language) is the property; translate(sheets, language) gives the sheets of an
English report (poi_workbook) with headers, names, words and dates in that language."""
import datetime as dt
import re

PLACES = 51  # elements of a dictionary, counted from 0
SYMBOLS = {
    4: ["EXTENSION_NAME", "EXTENSION_STATUS", "EXTENSION_PIN", "TOTAL_CALLS", "INBOUND_CALLS", "OUTBOUND_CALLS",
        "TOTAL_HANDLE_TIME", "INBOUND_HANDLE_TIME", "OUTBOUND_HANDLE_TIME", "INBOUND_ANSWERED",
        "OUTBOUND_CONNECTED", "INBOUND_MISSED_CALLS", "OUTBOUND_UNCONNECTED", "VOICEMAIL", "REFUSED_CALLS"],
    7: ["SESSION_ID", "CALLER_NAME", "CALLER_NUMBER", "RECEIVER_NAME", "RECEIVER_NUMBER", "CALL_RESULT",
        "CALL_LENGTH", "HANDLE_TIME", "CALL_START_TIME", "CALL_DIRECTION", "CALL_QUEUE"],
    42: ["OUTBOUND", "INBOUND", "RING_OUT", "INTERNAL", "CALL_OUT"],
    43: ["IVA", "IVR", "VOICEMAIL", "ANSWERED", "CONNECTED", "NOT_CONNECTED", "MISSED", "PARK_OFF"],
    44: ["IVA", "IVR", "VOICEMAIL", "ANSWERED", "CONNECTED", "NOT_CONNECTED", "MISSED", "PARK_OFF"],
}
PAGES = ("ReportPageNames(UserActivityMetric(%(filters)s,%(kpis)s,%(users)s,%(groups)s),"
         "QueueActivityMetric(%(filters)s,%(kpis)s,%(queues)s),"
         "CompanyNumberActivityMetric(%(filters)s,%(kpis)s,%(numbers)s),"
         "CallDetailsActivityMetrics(%(filters)s,%(calls)s,%(legs)s))")
WORDS = {
    "en": {
        1: ["Search String", "Users", "Groups", "Queues", "Call Type", "Queue/Non_Queue Calls",
            "Call Length From", "Call Length To", "From Time", "To Time", "No Limit", "Company Numbers",
            "Departments", "Sites"],
        4: ["Name", "User Status", "Ext", "Total Calls", "# Inbound", "# Outbound", "Total Handle Time",
            "Total Handle Time (in)", "Total Handle Time (out)", "# Answered (in)", "# Answered (out)",
            "# Missed (w/VM)", "# Missed (out)", "# Voicemail", "# Refused"],
        7: ["Session Id", "From Name", "From Number", "To Name", "To Number", "Result", "Call Length",
            "Handle Time", "Call Start Time", "Call Direction", "Queue"],
        40: {"filters": "Filters", "kpis": "KPIs", "users": "Users", "groups": "Group Users", "queues": "Queues",
             "numbers": "Company Numbers", "calls": "Calls", "legs": "Legs"},
        41: "DateFormat(MM/dd/yyyy,HH:mm,h:mm a,HH:mm:ss,h:mm:ss a)",
        42: ["Outbound", "Inbound", "Ring out", "Internal", "Call out"],
        43: ["AIR/Answered", "IVR/Answered", "VM/Missed", "Answered", "Connected", "Not Connected", "Missed",
             "Park Off"],
        44: ["AIR/Answered", "IVR/Answered", "VM/Abandoned", "Answered", "Connected", "Not Connected",
             "Abandoned", "Park Off"],
        45: ["Active", "Deleted"],
    },
    "de": {
        1: ["Suchbegriff", "Benutzer", "Gruppen", "Warteschleifen", "Anruftyp", "Warteschleifenanrufe",
            "Anrufdauer von", "Anrufdauer bis", "Startzeit", "Endzeit", "Unbegrenzt", "Firmennummern",
            "Abteilungen", "Standorte"],
        4: ["Name", "Benutzerstatus", "Nebenstelle", "Anrufe gesamt", "Eingehend (Anzahl)",
            "Ausgehend (Anzahl)", "Bearbeitungszeit gesamt", "Bearbeitungszeit gesamt (ein)",
            "Bearbeitungszeit gesamt (aus)", "Angenommen (ein), Anzahl", "Angenommen (aus), Anzahl",
            "Verpasst (mit Mailbox), Anzahl", "Verpasst (aus), Anzahl", "Mailbox, Anzahl", "Abgelehnt, Anzahl"],
        7: ["Sitzungs-ID", "Name des Anrufers", "Nummer des Anrufers", "Name des Empfängers",
            "Nummer des Empfängers", "Ergebnis", "Anrufdauer", "Bearbeitungszeit", "Beginn des Anrufs",
            "Anrufrichtung", "Warteschleife"],
        40: {"filters": "Filter", "kpis": "Kennzahlen", "users": "Benutzer", "groups": "Gruppenbenutzer",
             "queues": "Warteschleifen", "numbers": "Firmennummern", "calls": "Anrufe", "legs": "Abschnitte"},
        41: "DateFormat(dd.MM.yyyy,HH:mm,HH:mm,HH:mm:ss,HH:mm:ss)",
        42: ["Ausgehend", "Eingehend", "Rückruf", "Intern", "Hinauswahl"],
        43: ["AIR/Angenommen", "IVR/Angenommen", "Mailbox/Verpasst", "Angenommen", "Verbunden",
             "Nicht verbunden", "Verpasst", "Aus dem Parken geholt"],
        44: ["AIR/Angenommen", "IVR/Angenommen", "Mailbox/Aufgelegt", "Angenommen", "Verbunden",
             "Nicht verbunden", "Aufgelegt", "Aus dem Parken geholt"],
        45: ["Aktiv", "Gelöscht"],
    },
}
US_TIME = re.compile(r"\d\d/\d\d/\d{4} \d{1,2}:\d\d:\d\d [AP]M")


def user_locale(language="en"):
    words = WORDS[language]
    elements = ["Element%d()" % index for index in range(PLACES)]
    elements[0] = {"en": "en_US", "de": "de_DE"}[language]
    elements[1] = "Filters(%s)" % ",".join(words[1])
    for place, symbols in SYMBOLS.items():
        elements[place] = "HashMap(%s)" % ", ".join("Symbol(%s) -> %s" % pair
                                                    for pair in zip(symbols, words[place]))
    elements[40] = PAGES % words[40]
    elements[41] = words[41]
    elements[45] = "ExtensionStatus(%s)" % ",".join(words[45])
    return "Locale(%s)" % ",".join(elements)


def table(language, places):
    """{English: word} over the lists at these places; the first one counts."""
    out = {}
    for place in places:
        for english, word in zip(WORDS["en"][place], WORDS[language][place]):
            out.setdefault(english, word)
    return out


def translate_cell(value, words):
    if type(value) is not str:
        return value
    if US_TIME.fullmatch(value):
        return dt.datetime.strptime(value, "%m/%d/%Y %I:%M:%S %p").strftime("%d.%m.%Y %H:%M:%S")
    return words.get(value, value)


def translate(sheets, language):
    if language == "en":
        return sheets
    names = {WORDS["en"][40][key]: word for key, word in WORDS[language][40].items()}
    headers = {"Filters": table(language, [1]), "Calls": table(language, [7]), "Users": table(language, [4]),
               "KPIs": table(language, [4]), "Queues": table(language, [4])}
    words = table(language, [42, 43, 44, 45])
    out = []
    for name, rows in sheets:
        head = headers.get(name, {})
        translated = [[head.get(cell.strip(), cell) if isinstance(cell, str) else cell for cell in rows[0]]]
        translated += [None if row is None else [translate_cell(cell, words) for cell in row] for row in rows[1:]]
        out.append((names.get(name, name), translated))
    return out
